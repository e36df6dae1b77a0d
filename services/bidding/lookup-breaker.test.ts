import { describe, expect, it } from 'vitest';
import { LookupBreaker } from './lookup-breaker.ts';

function scene() {
  const clock = { nowMs: 1_000_000, now: () => clock.nowMs };
  const breaker = new LookupBreaker(clock);
  /** The last one so much later than the first. */
  const fail = (times: number, overMs = 250) => {
    for (let i = 1; i < times; i++) breaker.failed();
    clock.nowMs += overMs;
    breaker.failed();
  };
  return { clock, breaker, fail };
}

describe('LookupBreaker', () => {
  it('allows calls until three in a row have failed', () => {
    const { breaker, fail } = scene();
    fail(2);
    expect(breaker.allows()).toBe(true);
    breaker.succeeded();
    fail(2);
    expect(breaker.allows()).toBe(true);
    fail(1);
    expect(breaker.allows()).toBe(false);
  });

  it('allows calls after a pause in which many have failed', () => {
    const { breaker, fail } = scene();
    fail(20, 249);
    expect(breaker.allows()).toBe(true);
    breaker.succeeded();
    fail(20, 249);
    expect(breaker.allows()).toBe(true);
    fail(1, 1);
    expect(breaker.allows()).toBe(false);
  });

  it('allows one probe a second, and all again when one succeeded', () => {
    const { breaker, clock, fail } = scene();
    fail(3);
    clock.nowMs += 999;
    expect(breaker.allows()).toBe(false);
    clock.nowMs += 1;
    expect([breaker.allows(), breaker.allows()]).toEqual([true, false]);
    fail(1, 0);
    clock.nowMs += 999;
    expect(breaker.allows()).toBe(false);
    clock.nowMs += 1;
    expect(breaker.allows()).toBe(true);
    breaker.succeeded();
    expect([breaker.allows(), breaker.allows()]).toEqual([true, true]);
  });

  it('probes at once when the clock is set back', () => {
    const { breaker, clock, fail } = scene();
    fail(3);
    clock.nowMs -= 3_600_000;
    expect([breaker.allows(), breaker.allows()]).toEqual([true, false]);
    clock.nowMs += 1_000;
    expect(breaker.allows()).toBe(true);
  });
});
