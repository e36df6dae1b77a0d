/** Where a reader stands and where its partitions begin and end, asked of Kafka when a share begins. */
import type { Admin } from 'kafkajs';
import type { TopicName } from '../model/events.ts';
import type { Position, ReadOptions } from './bus.ts';
import type { TopicNames } from './kafka-topics.ts';

export interface Places {
  /** As the group committed it. */
  position(topic: TopicName, partition: number): Position | undefined;
  /** Where reading begins without a position. */
  start(topic: TopicName, partition: number): number;
  /** Offset of the first record that is kept: what was before has expired. */
  first(topic: TopicName, partition: number): number;
  /** Offset behind the last record. */
  ends(topic: TopicName, partition: number): number | undefined;
}

export interface Question {
  admin: Admin;
  names: TopicNames;
  topics: readonly TopicName[];
  partitions: readonly number[];
  /** Whose positions; undefined for a reader that keeps none. */
  group: string | undefined;
  options: ReadOptions;
}

export async function readPlaces(question: Question): Promise<Places> {
  const { admin, names, topics, group, options } = question;
  const [positions, bounds] = await Promise.all([
    group === undefined ? new Map<string, Position>() : readPositions(admin, group, names, topics),
    readBounds(admin, names, topics),
  ]);
  const named = typeof options.from === 'object' ? options.from : undefined;
  return {
    position: (topic, partition) => positions.get(`${topic}/${partition}`),
    start(topic, partition) {
      const { low = 0, high = 0 } = bounds.get(`${topic}/${partition}`) ?? {};
      const at = named?.get(partition) ?? (options.from === 'start' ? low : high);
      return Math.min(at, high);
    },
    first: (topic, partition) => bounds.get(`${topic}/${partition}`)?.low ?? 0,
    ends: (topic, partition) => bounds.get(`${topic}/${partition}`)?.high,
  };
}

async function readPositions(
  admin: Admin,
  groupId: string,
  names: TopicNames,
  topics: readonly TopicName[],
): Promise<Map<string, Position>> {
  const found = await admin.fetchOffsets({ groupId, topics: topics.map((topic) => names[topic]) });
  const positions = new Map<string, Position>();
  for (const topic of topics) {
    const { partitions = [] } = found.find((one) => one.topic === names[topic]) ?? {};
    for (const { partition, offset, metadata } of partitions) {
      if (Number(offset) < 0) continue;
      positions.set(`${topic}/${partition}`, { offset: Number(offset), note: metadata ?? '' });
    }
  }
  return positions;
}

async function readBounds(
  admin: Admin,
  names: TopicNames,
  topics: readonly TopicName[],
): Promise<Map<string, { low: number; high: number }>> {
  const bounds = new Map<string, { low: number; high: number }>();
  await Promise.all(topics.map(async (topic) => {
    for (const { partition, low, high } of await admin.fetchTopicOffsets(names[topic])) {
      bounds.set(`${topic}/${partition}`, { low: Number(low), high: Number(high) });
    }
  }));
  return bounds;
}
