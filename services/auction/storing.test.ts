import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Bus, BusError, type Outgoing } from '#shared/bus/bus.ts';
import { createLog } from '#shared/log.ts';
import { createMetrics } from '#shared/metrics.ts';
import { RETRY_MS, Storing } from './storing.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const outcomes = ['a', 'b', 'c'].map((auctionId) =>
  ({ partition: 0, value: { auctionId } }) as Outgoing<'auction_outcomes'>
);

/** @param refuses what is said of a batch with this auction; undefined: it is taken */
function storing(refuses: (auctionId: string) => BusError['code'] | undefined) {
  const offered: string[] = [];
  const publish = (_topic: string, records: readonly Outgoing<'auction_outcomes'>[]) => {
    const ids = records.map(({ value }) => value.auctionId);
    offered.push(ids.join());
    const code = ids.map(refuses).find((one) => one !== undefined);
    return code ? Promise.reject(new BusError(code, 'no')) : Promise.resolve();
  };
  const store = new Storing({
    bus: { publish } as Pick<Bus, 'publish'>,
    clock: { now: () => Date.now() },
    log: createLog('silent'),
    metrics: createMetrics(),
  });
  return { store, offered };
}

describe('Storing', () => {
  test('offers once what is taken', async () => {
    const { store, offered } = storing(() => undefined);
    const { atOnce, stored } = store.take(outcomes);
    expect(await Promise.all([atOnce, stored])).toEqual([true, true]);
    expect(offered).toEqual(['a,b,c']);
  });

  test('offers again what is not taken now', async () => {
    let isAway = true;
    const { store, offered } = storing(() => isAway ? 'unavailable' : undefined);
    const { atOnce, stored } = store.take(outcomes);
    expect(await atOnce).toBe(false);
    await vi.advanceTimersByTimeAsync(RETRY_MS);
    isAway = false;
    await vi.advanceTimersByTimeAsync(RETRY_MS);
    expect(await stored).toBe(true);
    expect(offered).toEqual(['a,b,c', 'a', 'b', 'c', 'a', 'b', 'c']);
  });

  test('gives up what is never taken, and has the others stored once more at most', async () => {
    const { store, offered } = storing((id) => id === 'b' ? 'misuse' : undefined);
    const { stored } = store.take(outcomes);
    await vi.advanceTimersByTimeAsync(10 * RETRY_MS);
    expect(await stored).toBe(false);
    expect(offered).toEqual(['a,b,c', 'a', 'b', 'c']);
  });

  test('offers nothing again when it has ended', async () => {
    const { store, offered } = storing(() => 'unavailable');
    store.end();
    const { stored } = store.take(outcomes);
    expect(await stored).toBe(false);
    expect(offered).toEqual(['a,b,c']);
  });
});
