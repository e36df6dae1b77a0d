/** Topics for the tests over a real Kafka. */
import { randomUUID } from 'node:crypto';
import type { Kafka } from 'kafkajs';
import { TOPIC_NAMES, topicConfigs, type TopicNames } from './kafka-topics.ts';

/** All topics under names of their own, so that each test finds them empty. */
export async function freshTopics(client: Kafka, partitions: number): Promise<TopicNames> {
  const prefix = randomUUID().slice(0, 8);
  const names = Object.fromEntries(
    TOPIC_NAMES.map((topic) => [topic, `${prefix}.${topic}`]),
  ) as TopicNames;
  const admin = client.admin();
  await admin.connect();
  const topics = topicConfigs(names, { partitions, replication: 1 });
  await admin.createTopics({ topics, waitForLeaders: false });
  await admin.disconnect();
  return names;
}
