/** The topics on Kafka: their names, what they are created with, and whether they fit together. */
import type { Admin, ITopicConfig } from 'kafkajs';
import { type TopicName, TOPICS } from '../model/events.ts';
import { BusError } from './bus.ts';

export type TopicNames = Readonly<Record<TopicName, string>>;

export const TOPIC_NAMES = Object.keys(TOPICS) as TopicName[];

/** Where what cannot be read goes. */
export function deadLetterName(kafkaName: string): string {
  return `${kafkaName}.dlq`;
}

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/**
 * How long records are kept, in ms. What a stage reads within its deadline is kept for people who
 * look; the ledger until the warehouse has it for certain, a day of outage included.
 */
const RETENTION_MS: Readonly<Record<TopicName, number>> = {
  bid_requests: 10 * MINUTE,
  bid_responses: 10 * MINUTE,
  auction_outcomes: 3 * DAY,
  auction_details: DAY,
  ad_events: 7 * DAY,
  config_changes: -1,
  live: 10 * MINUTE,
};
const DEAD_LETTER_RETENTION_MS = 7 * DAY;
/** Kafka deletes whole segments, so a short retention needs short ones. */
const SEGMENT_MS_MIN = MINUTE;

export interface TopicPlan {
  partitions: number;
  /** Copies of each record, at most the number of brokers. */
  replication: number;
}

/** What `npm run topics -- create` makes: every topic and its place for dead letters. */
export function topicConfigs(
  names: TopicNames,
  { partitions, replication }: TopicPlan,
  wanted: readonly TopicName[] = TOPIC_NAMES,
): ITopicConfig[] {
  // Two of three copies before a record counts as durable; with fewer brokers, the one there is.
  const minInsync = replication >= 3 ? 2 : 1;
  const config = (topic: string, numPartitions: number, entries: Record<string, unknown>) => ({
    topic,
    numPartitions,
    replicationFactor: replication,
    configEntries: Object.entries(entries).map(([name, value]) => ({ name, value: String(value) })),
  });
  return wanted.flatMap((name) => {
    const { single } = TOPICS[name];
    const retention = RETENTION_MS[name];
    return [
      config(names[name], single ? 1 : partitions, {
        ...(name === 'config_changes'
          ? { 'cleanup.policy': 'compact', 'min.cleanable.dirty.ratio': 0.1 }
          : {
            'cleanup.policy': 'delete',
            'retention.ms': retention,
            'segment.ms': Math.max(SEGMENT_MS_MIN, retention / 10),
          }),
        'min.insync.replicas': minInsync,
        'compression.type': 'producer',
      }),
      config(deadLetterName(names[name]), 1, {
        'cleanup.policy': 'delete',
        'retention.ms': DEAD_LETTER_RETENTION_MS,
        'min.insync.replicas': minInsync,
      }),
    ];
  });
}

/**
 * How many partitions the auction topics have.
 * @throws {BusError} `unavailable` when a topic is missing, `misuse` when their numbers differ.
 */
export async function readPartitions(
  admin: Admin,
  names: TopicNames,
  wanted: readonly TopicName[],
): Promise<number> {
  const known = await partitionsOf(admin, wanted.map((topic) => names[topic]));
  const missing = wanted.map((topic) => names[topic]).filter((name) => !known.has(name));
  if (missing.length > 0) {
    const text = `Kafka has no topic ${
      missing.join(', ')
    }: create them with npm run topics -- create`;
    throw new BusError('unavailable', text);
  }
  const shared = wanted.filter((topic) => !TOPICS[topic].single);
  const counts = shared.map((topic) => `${names[topic]} ${known.get(names[topic])}`);
  const different = new Set(shared.map((topic) => known.get(names[topic])));
  if (different.size > 1) {
    throw new BusError(
      'misuse',
      `The auction topics must have the same number of partitions, and have: ${counts.join(', ')}`,
    );
  }
  for (const topic of wanted) {
    const partitions = known.get(names[topic]);
    if (!TOPICS[topic].single || partitions === 1) continue;
    const text = `The topic ${names[topic]} must have 1 partition, and has ${partitions}`;
    throw new BusError('misuse', text);
  }
  return [...different][0] ?? 1;
}

/** Partitions of those that exist. */
async function partitionsOf(admin: Admin, names: string[]): Promise<Map<string, number>> {
  const existing = new Set(await admin.listTopics());
  const topics = names.filter((name) => existing.has(name));
  if (topics.length === 0) return new Map();
  const { topics: found } = await admin.fetchTopicMetadata({ topics });
  return new Map(found.map(({ name, partitions }) => [name, partitions.length]));
}
