import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type Bus, BusError } from '#shared/bus/bus.ts';
import { createLog } from '#shared/log.ts';
import type { AuctionOutcome } from '#shared/model/events.ts';
import { RETRY_MS, Undelivered } from './undelivered.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** @param failures tries that the bus does not take */
function telling(failures: number) {
  const tries: string[] = [];
  const lines: string[] = [];
  const publish = (topic: string) => {
    tries.push(topic);
    return tries.length > failures
      ? Promise.resolve()
      : Promise.reject(new BusError('unavailable', 'no'));
  };
  const undelivered = new Undelivered({
    bus: { publish } as Pick<Bus, 'publish'>,
    clock: { now: () => Date.now() },
    log: createLog('error', (line) => lines.push(line)),
    count: { inc() {} },
  });
  return { undelivered, tries, lines };
}
const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';
const outcome = {
  auctionId: 'a',
  traceparent: `00-${TRACE_ID}-00f067aa0ba902b7-01`,
} as AuctionOutcome;

test('what the bus does not take is told again until it does', async () => {
  const { undelivered, tries, lines } = telling(3);
  undelivered.tell(outcome, 1);
  await vi.advanceTimersByTimeAsync(10 * RETRY_MS);
  expect(tries).toEqual(['ad_events', 'ad_events', 'ad_events', 'ad_events']);
  expect(JSON.parse(lines[0]!)).toMatchObject({ auction_id: 'a', trace_id: TRACE_ID });
});

test('end() gives up what the bus does not take', async () => {
  const { undelivered, tries } = telling(Infinity);
  undelivered.tell(outcome, 1);
  await vi.advanceTimersByTimeAsync(RETRY_MS / 2);
  undelivered.end();
  await vi.advanceTimersByTimeAsync(10 * RETRY_MS);
  expect(tries.length).toBe(2);
});
