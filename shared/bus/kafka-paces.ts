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

/** Between two requests that bring records of this topic. */
export function producePaceMs(topic: TopicName): number {
  return TOPIC_PACES_MS[topic] ?? PACE_MS;
}

const TOPIC_PACES_MS: Partial<Record<TopicName, number>> = {
  bid_requests: FIRST_PACE_MS,
  auction_details: BULK_PACE_MS,
};
