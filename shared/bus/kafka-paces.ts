/**
 * ms between requests to Kafka under load. One costs as much as fifty records, on both ends, so what
 * comes meanwhile shares the next one. After a pause nothing waits.
 *
 * What begins an auction keeps the longest pace. Whatever follows comes in its batches, each one a pace
 * behind the last, and goes on at once: an auction waits at the door instead of six times on its way.
 * The other paces are shorter for that. They bound the requests of whoever hears of several others.
 */
import type { TopicName } from '../model/events.ts';

export const FIRST_PACE_MS = 8;
export const PACE_MS = 4;
export const FETCH_PACE_MS = 4;
/** Nobody waits for it. */
export const BULK_PACE_MS = 20;

/** Where an auction passes, in this order. */
const WAY: readonly TopicName[] = ['bid_requests', 'bid_responses', 'auction_outcomes'];

/**
 * Between two requests that bring records of this topic.
 * @param topics those that are on Kafka: where others stay in the process, an auction begins later there
 */
export function producePaceMs(topic: TopicName, topics: readonly TopicName[]): number {
  if (topic === 'auction_details') return BULK_PACE_MS;
  return topic === WAY.find((first) => topics.includes(first)) ? FIRST_PACE_MS : PACE_MS;
}
