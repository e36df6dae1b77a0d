/** What tools ask of Kafka and have done there: topics and who reads them. Stages use `kafka.ts`. */
import type { Admin } from 'kafkajs';
import { TOPICS } from '../model/events.ts';
import { BusError } from './bus.ts';
import { createKafkaClient } from './kafka-client.ts';
import { TOPIC_NAMES, topicConfigs, type TopicNames, type TopicPlan } from './kafka-topics.ts';

export interface TopicState {
  name: string;
  partitions: number;
  /** Copies of each record. */
  replication: number;
  /** ms; of a compacted topic the last record of each key is kept for ever. */
  retention: number | 'for ever' | 'compacted';
  /** Offsets between the first and the last record. */
  records: number;
}

/** One group at one topic. */
export interface GroupState {
  group: string;
  topic: string;
  members: number;
  /** Records behind its position, in all and in the partition that has most. */
  lag: number;
  lagMost: number;
}

export interface KafkaAdmin {
  brokers(): Promise<number>;
  /** Of these those that exist, in their order. */
  topics(names: readonly string[]): Promise<TopicState[]>;
  /** Every group that has a position in one of these topics. */
  groups(names: readonly string[]): Promise<GroupState[]>;
  /**
   * Makes the topics of `names` that are missing, with their places for dead letters; resolves to
   * all names, and whether each was made now.
   * @throws {BusError} `misuse` when one that is there has another number of partitions.
   */
  create(names: TopicNames, plan: TopicPlan): Promise<{ name: string; made: boolean }[]>;
  close(): Promise<void>;
}

/** @throws {BusError} `unavailable`, in one line, when no broker answers; so does each function. */
export async function openKafkaAdmin(brokers: readonly string[]): Promise<KafkaAdmin> {
  const client = createKafkaClient({ brokers, clientId: 'helios-tools', retries: 2, onNote() {} });
  const admin = client.admin();
  const asked = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (cause) {
      if (cause instanceof BusError) throw cause;
      const text = `Kafka at ${brokers.join(', ')} does not answer: ${(cause as Error).message}`;
      throw new BusError('unavailable', text);
    }
  };
  await asked(() => admin.connect());
  return {
    brokers: () => asked(async () => (await admin.describeCluster()).brokers.length),
    topics: (names) => asked(() => readTopics(admin, names)),
    groups: (names) => asked(() => readGroups(admin, names)),
    create: (names, plan) => asked(() => createTopics(admin, names, plan)),
    close: () => admin.disconnect(),
  };
}

// --- topics ---

/** kafkajs exports `ConfigResourceTypes.TOPIC` in a way that modules cannot import. */
const TOPIC_RESOURCE = 2;

async function readTopics(admin: Admin, wanted: readonly string[]): Promise<TopicState[]> {
  const names = await existing(admin, wanted);
  if (names.length === 0) return [];
  const [{ topics }, retentions, records] = await Promise.all([
    admin.fetchTopicMetadata({ topics: names }),
    readRetentions(admin, names),
    Promise.all(names.map(async (name) => {
      const bounds = await readBounds(admin, name);
      return bounds.reduce((sum, { low, high }) => sum + Number(high) - Number(low), 0);
    })),
  ]);
  return names.map((name, index) => {
    const { partitions } = topics.find((topic) => topic.name === name)!;
    return {
      name,
      partitions: partitions.length,
      replication: partitions[0]?.replicas.length ?? 0,
      retention: retentions.get(name) ?? 'for ever',
      records: records[index]!,
    };
  });
}

/** kafkajs trips over a partition whose leader is none of the brokers, and does not say so. */
async function readBounds(admin: Admin, name: string) {
  try {
    return await admin.fetchTopicOffsets(name);
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause;
    const text = `Topic ${name} has a partition whose leader is away: ask again in a moment`;
    throw new BusError('unavailable', text);
  }
}

async function readRetentions(
  admin: Admin,
  names: readonly string[],
): Promise<Map<string, TopicState['retention']>> {
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: names.map((name) => ({
      type: TOPIC_RESOURCE,
      name,
      configNames: ['cleanup.policy', 'retention.ms'],
    })),
  });
  return new Map(resources.map(({ resourceName, configEntries }) => {
    const entry = (name: string) =>
      configEntries.find(({ configName }) => configName === name)?.configValue;
    const ms = Number(entry('retention.ms'));
    const retention = entry('cleanup.policy') === 'compact'
      ? 'compacted'
      : ms >= 0
      ? ms
      : 'for ever';
    return [resourceName, retention];
  }));
}

async function createTopics(admin: Admin, names: TopicNames, plan: TopicPlan) {
  const configs = topicConfigs(names, plan);
  const there = await existing(admin, configs.map(({ topic }) => topic));
  const { topics } = there.length > 0
    ? await admin.fetchTopicMetadata({ topics: there })
    : { topics: [] };
  for (const topic of TOPIC_NAMES) {
    const found = topics.find(({ name }) => name === names[topic])?.partitions.length;
    const wanted = TOPICS[topic].single ? 1 : plan.partitions;
    if (found === undefined || found === wanted) continue;
    const way = TOPICS[topic].single
      ? 'delete it'
      : `create with --partitions ${found}, or delete the auction topics`;
    throw new BusError(
      'misuse',
      `The topic ${names[topic]} has ${found} partitions, not ${wanted}: ${way}`,
    );
  }
  const missing = configs.filter(({ topic }) => !there.includes(topic));
  if (missing.length > 0) {
    // kafkajs's own wait fails where it asks before every broker has heard of the topics.
    await admin.createTopics({ topics: missing, waitForLeaders: false });
    await leaders(admin, missing.map(({ topic }) => topic));
  }
  return configs.map(({ topic }) => ({ name: topic, made: !there.includes(topic) }));
}

const LEADER_TRIES = 100;
const LEADER_WAIT_MS = 100;

/** Resolves when every partition has a leader, or when that takes too long to be waited for. */
async function leaders(admin: Admin, topics: string[]): Promise<void> {
  for (let tries = 0; tries < LEADER_TRIES; tries++) {
    const found = await admin.fetchTopicMetadata({ topics }).catch(() => undefined);
    if (found?.topics.every(({ partitions }) => partitions.every(({ leader }) => leader >= 0))) {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, LEADER_WAIT_MS));
  }
}

async function existing(admin: Admin, names: readonly string[]): Promise<string[]> {
  const known = new Set(await admin.listTopics());
  return names.filter((name) => known.has(name));
}

// --- groups ---

async function readGroups(admin: Admin, wanted: readonly string[]): Promise<GroupState[]> {
  const names = await existing(admin, wanted);
  const listed = (await admin.listGroups()).groups.map(({ groupId }) => groupId).sort();
  if (names.length === 0 || listed.length === 0) return [];
  const [{ groups }, ends, positions] = await Promise.all([
    admin.describeGroups(listed),
    readEnds(admin, names),
    Promise.all(listed.map((groupId) => admin.fetchOffsets({ groupId, topics: names }))),
  ]);
  return listed.flatMap((group, index) => {
    const members = groups.find(({ groupId }) => groupId === group)?.members.length ?? 0;
    return positions[index]!.flatMap(({ topic, partitions }) => {
      const kept = partitions.filter(({ offset }) => Number(offset) >= 0);
      if (kept.length === 0) return [];
      const lags = kept.map(({ partition, offset }) =>
        Math.max(0, (ends.get(`${topic}/${partition}`) ?? 0) - Number(offset))
      );
      const lag = lags.reduce((sum, one) => sum + one, 0);
      return [{ group, topic, members, lag, lagMost: Math.max(...lags) }];
    });
  });
}

async function readEnds(admin: Admin, names: readonly string[]): Promise<Map<string, number>> {
  const ends = new Map<string, number>();
  await Promise.all(names.map(async (name) => {
    for (const { partition, high } of await readBounds(admin, name)) {
      ends.set(`${name}/${partition}`, Number(high));
    }
  }));
  return ends;
}
