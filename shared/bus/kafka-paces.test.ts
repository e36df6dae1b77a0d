import { expect, test } from 'vitest';
import { BULK_PACE_MS, FIRST_PACE_MS, PACE_MS, producePaceMs } from './kafka-paces.ts';
import { TOPIC_NAMES } from './kafka-topics.ts';

test('what begins an auction on Kafka has the longest pace', () => {
  expect(producePaceMs('bid_requests', TOPIC_NAMES)).toBe(FIRST_PACE_MS);
  expect(producePaceMs('bid_responses', TOPIC_NAMES)).toBe(PACE_MS);
  expect(producePaceMs('auction_outcomes', TOPIC_NAMES)).toBe(PACE_MS);
  expect(producePaceMs('auction_details', TOPIC_NAMES)).toBe(BULK_PACE_MS);
});

test('in a fused node the outcome is the first that goes there', () => {
  const topics = TOPIC_NAMES.filter((name) => name !== 'bid_requests' && name !== 'bid_responses');
  expect(producePaceMs('auction_outcomes', topics)).toBe(FIRST_PACE_MS);
  expect(producePaceMs('auction_details', topics)).toBe(BULK_PACE_MS);
});
