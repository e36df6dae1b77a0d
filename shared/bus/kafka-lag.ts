/** How far each group on Kafka is behind, as a metric; asked every few seconds, not at a scrape. */
import type { Metrics } from '../metrics.ts';
import { type GroupState, type KafkaAdmin, openKafkaAdmin } from './kafka-admin.ts';
import { TOPIC_NAMES, type TopicNames } from './kafka-topics.ts';

/** Between two questions, which are a few requests each: about as often as somebody scrapes. */
const ASK_MS = 10_000;

/** Begins at once; Kafka may be away, now or later. */
export function tellLag(
  brokers: readonly string[],
  names: TopicNames,
  metrics: Metrics,
): { close(): Promise<void> } {
  const topics = TOPIC_NAMES.map((topic) => names[topic]);
  /** Alerts know topics by our names, whatever they are called on Kafka. */
  const ourName = new Map<string, string>(TOPIC_NAMES.map((topic) => [names[topic], topic]));
  /** On Kafka a group is called after its topics, too: `auction.bid_requests.bid_responses`. */
  const ourGroup = (group: string): string => {
    const last = topics.find((name) => group.endsWith(`.${name}`));
    return last === undefined ? group : ourGroup(group.slice(0, -last.length - 1));
  };
  let states: readonly GroupState[] = [];
  let admin: KafkaAdmin | undefined;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;
  let asking = ask();

  async function ask(): Promise<void> {
    try {
      admin ??= await openKafkaAdmin(brokers);
      states = await admin.groups(topics);
    } catch {
      // Readiness says that Kafka is away. Old figures would pass for true ones.
      states = [];
    }
    if (!closed) timer = setTimeout(() => asking = ask(), ASK_MS);
  }

  const tell = (name: string, help: string, valueOf: (state: GroupState) => number): void =>
    metrics.gauge(name, help, ['group', 'topic'], () =>
      states.map((state) => ({
        labels: { group: ourGroup(state.group), topic: ourName.get(state.topic)! },
        value: valueOf(state),
      })));
  tell('helios_group_lag_records', 'Records a group has still to read', ({ lag }) => lag);
  tell('helios_group_members', 'Members of a group that Kafka knows', ({ members }) => members);
  return {
    async close() {
      closed = true;
      clearTimeout(timer);
      await asking;
      await admin?.close().catch(() => {});
    },
  };
}
