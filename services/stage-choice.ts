/** Which stages a process hosts, whether they can work together, and what they need. */
import type { Seam } from '#shared/backends.ts';
import { type Config, ConfigError } from '#shared/config.ts';
import type { TopicName } from '#shared/model/events.ts';
import { type StageName, STAGES } from '#shared/service.ts';

/** What `npm start -- --help` says. */
export const USAGE = `npm start                 every stage in this process
npm start -- STAGE …      only these: ${STAGES.join(', ')}
npm run help              all scripts, and the variables that are the settings`;

/** Stages that write and read a topic that may stay in a process: they must then be hosted together. */
const TOGETHER: readonly { topic: TopicName; stages: readonly StageName[] }[] = [
  { topic: 'bid_requests', stages: ['gateway', 'bidding', 'auction'] },
  { topic: 'bid_responses', stages: ['bidding', 'auction'] },
  { topic: 'auction_details', stages: ['auction', 'analytics'] },
];

/** The engines each stage works with. */
const NEEDS: Readonly<Record<StageName, readonly Seam[]>> = {
  gateway: ['bus', 'catalog', 'store'],
  profile: ['store'],
  bidding: ['bus', 'catalog'],
  auction: ['bus', 'catalog'],
  analytics: ['bus', 'catalog', 'warehouse'],
  clickhouse: ['warehouse'],
  web: [],
};

/** Stages that only some requests fail of without the engine. */
const DOES_WITHOUT: Partial<Record<Seam, readonly StageName[]>> = { store: ['gateway'] };

/** Engines whose absence is told, and takes the process out of no rotation. */
export function optionalEngines(chosen: readonly StageName[]): ReadonlySet<Seam> {
  const seams = Object.keys(DOES_WITHOUT) as Seam[];
  return new Set(
    seams.filter((seam) =>
      chosen.every((stage) => !NEEDS[stage].includes(seam) || DOES_WITHOUT[seam]!.includes(stage))
    ),
  );
}

/** Whether the publisher of an auction waits for any of them. */
export function isWaitedFor(chosen: readonly StageName[]): boolean {
  return chosen.some((stage) => ON_THE_WAY.includes(stage));
}
const ON_THE_WAY: readonly StageName[] = ['gateway', 'profile', 'bidding', 'auction'];

/** What a process that hosts these stages has to open. */
export function needsOf(chosen: readonly StageName[]): ReadonlySet<Seam> {
  return new Set(chosen.flatMap((stage) => NEEDS[stage]));
}

/**
 * The stages named on the command line, all without a name.
 * @throws {ConfigError} for a name that is none, or a choice that cannot work.
 */
export function chooseStages(names: readonly string[], config: Config): StageName[] {
  const wrong = names.filter((name) => !(STAGES as readonly string[]).includes(name));
  if (wrong.length > 0) {
    throw new ConfigError(`Stage ${wrong.join(', ')}: allowed is ${STAGES.join(', ')}`);
  }
  // A server that is configured takes the place of the embedded engine.
  const here = (stage: StageName): boolean => !(stage === 'clickhouse' && config.CLICKHOUSE_URL);
  const chosen = STAGES.filter((stage) => names.length === 0 ? here(stage) : names.includes(stage));
  if (!chosen.every(here)) {
    throw new ConfigError(
      'Cannot host clickhouse, the engine in process, with CLICKHOUSE_URL: leave out one of them',
    );
  }
  for (const { topic, stages } of TOGETHER) {
    const missing = stages.filter((stage) => !chosen.includes(stage));
    if (!isLocal(config, topic) || missing.length === 0 || missing.length === stages.length) {
      continue;
    }
    throw new ConfigError(
      `Cannot host ${chosen.join(' ')}: ${topic} stays in this process, and ` +
        `${
          missing.join(' and ')
        } is not hosted here: add it, or see LOCAL_TOPICS and KAFKA_BROKERS`,
    );
  }
  const [requests, responses] = [isLocal(config, 'bid_requests'), isLocal(config, 'bid_responses')];
  if (chosen.includes('auction') && requests !== responses) {
    throw new ConfigError(
      `LOCAL_TOPICS="${config.LOCAL_TOPICS.join()}": allowed is both bid_requests and ` +
        'bid_responses, or neither, where auction is hosted: it reads them together',
    );
  }
  if (chosen.includes('bidding') && !chosen.includes('profile') && !config.USER_PROFILE_SVC_ADDR) {
    throw new ConfigError(
      'Cannot host bidding without profile: set USER_PROFILE_SVC_ADDR or add the stage',
    );
  }
  const analytics = chosen.includes('analytics') || config.ANALYTICS_URL.length > 0;
  if (chosen.includes('web') && !analytics) {
    throw new ConfigError('Cannot host web without analytics: set ANALYTICS_URL or add the stage');
  }
  return chosen;
}

/** Without Kafka nothing leaves the process; what nobody reads there is no loss. */
export function isLocal({ KAFKA_BROKERS, LOCAL_TOPICS }: Config, topic: TopicName): boolean {
  if (KAFKA_BROKERS.length === 0) return topic !== 'auction_details';
  return LOCAL_TOPICS.includes(topic);
}

/** Every GATEWAY_COUNTth partition from GATEWAY_INDEX on. */
export function sliceOf({ GATEWAY_INDEX, GATEWAY_COUNT }: Config, partitions: number): number[] {
  if (GATEWAY_COUNT > partitions) {
    throw new ConfigError(
      `GATEWAY_COUNT="${GATEWAY_COUNT}": allowed is at most the ${partitions} partitions of the topics`,
    );
  }
  return Array.from({ length: partitions }, (_, partition) => partition)
    .filter((partition) => partition % GATEWAY_COUNT === GATEWAY_INDEX);
}
