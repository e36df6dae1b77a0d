/** How much an auction leaves on each topic. */
import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import type { TopicNames } from '#shared/bus/kafka-topics.ts';
import { type TopicName, TOPICS } from '#shared/model/events.ts';
import type { Site } from './site.ts';

/** Bytes and records in the broker's files, all partitions together. */
export interface TopicSize {
  records: number;
  bytes: number;
}
export type TopicSizes = Record<TopicName, TopicSize>;

export async function readTopicSizes(site: Site, names: TopicNames): Promise<TopicSizes> {
  const topics = Object.keys(TOPICS) as TopicName[];
  const states = await site.admin.topics(topics.map((topic) => names[topic]));
  const sizes = topics.map((topic) => {
    const records = states.find(({ name }) => name === names[topic])?.records ?? 0;
    return [topic, { records, bytes: bytesOf(site.kafkaDir, names[topic]) }];
  });
  return Object.fromEntries(sizes) as TopicSizes;
}

/** Bytes per record of what came between two readings; 0 when nothing did. */
export function bytesPerRecord(before: TopicSizes, after: TopicSizes, topic: TopicName): number {
  const records = after[topic].records - before[topic].records;
  return records > 0 ? (after[topic].bytes - before[topic].bytes) / records : 0;
}

function bytesOf(kafkaDir: string, name: string): number {
  let bytes = 0;
  for (const data of readdirSync(kafkaDir).filter((entry) => entry.startsWith('data-'))) {
    for (const partition of readdirSync(path.join(kafkaDir, data))) {
      if (!new RegExp(`^${name}-\\d+$`).test(partition)) continue;
      const folder = path.join(kafkaDir, data, partition);
      for (const file of readdirSync(folder).filter((entry) => entry.endsWith('.log'))) {
        bytes += statSync(path.join(folder, file)).size;
      }
    }
  }
  return bytes;
}
