/** Messages that are none, as a broken or foreign writer would leave them. */
import { writeTopic } from '#shared/bus/kafka-raw.ts';
import type { TopicNames } from '#shared/bus/kafka-topics.ts';

export const POISON: readonly string[] = [
  '{',
  '',
  '[]',
  'null',
  '{"v":2}',
  '{"v":1,"auctionId":"x"}',
  'x'.repeat(500_000),
];

/** Puts each into a partition of every topic that auctions go through. */
export async function poison(
  brokers: readonly string[],
  names: TopicNames,
  partition: number,
): Promise<void> {
  for (const topic of ['bid_requests', 'bid_responses', 'auction_outcomes'] as const) {
    await writeTopic({ brokers, topic: names[topic], partition, values: POISON });
  }
}
