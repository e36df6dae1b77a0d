import { expect, test } from 'vitest';
import { SenderClocks } from './sender-clocks.ts';

const NOW = Date.UTC(2026, 10, 26, 12);

/** Sees a message every 100 ms for so long, each of which was `wayMs` under way. */
function watch(
  clocks: SenderClocks,
  { from = NOW, ms, aheadMs, wayMs = () => 5 }: {
    from?: number;
    ms: number;
    aheadMs: number;
    wayMs?: (n: number) => number;
  },
): void {
  for (let n = 0; n < ms / 100; n++) {
    const now = from + 100 * n;
    clocks.see('a', now + aheadMs - wayMs(n), now);
  }
}

test('clocks that agree are left alone, however long the way was', () => {
  const clocks = new SenderClocks();
  watch(clocks, { ms: 20_000, aheadMs: 0, wayMs: (n) => n % 3 === 0 ? 4 : 400 });
  expect(clocks.offsetMs('a')).toBe(0);
  expect(clocks.offsetMs('nobody')).toBe(0);
});

test('a sender whose clock is ahead is corrected at once', () => {
  const clocks = new SenderClocks();
  clocks.see('a', NOW + 1_995, NOW);
  expect(clocks.offsetMs('a')).toBe(-1_995);
  expect(clocks.worstMs(NOW + 100)).toBe(-1_995);
  expect(clocks.worstMs(NOW + 30_000)).toBe(0);
});

test('a sender whose clock is behind is corrected after some looks', () => {
  const clocks = new SenderClocks();
  watch(clocks, { ms: 400, aheadMs: -2_000 });
  expect(clocks.offsetMs('a')).toBe(0);
  watch(clocks, { from: NOW + 400, ms: 100, aheadMs: -2_000 });
  expect(clocks.offsetMs('a')).toBe(2_005);
});

test('messages that waited for this process are no difference of clocks', () => {
  const clocks = new SenderClocks();
  // Held still for 20 s; then everything comes in one look, and again as quickly as before.
  for (let n = 0; n < 200; n++) clocks.see('a', NOW - 20_000 + 100 * n, NOW);
  watch(clocks, { from: NOW + 100, ms: 1_000, aheadMs: 0 });
  expect(clocks.offsetMs('a')).toBe(0);
});

test('a clock that is set right is noticed when the window is over', () => {
  const clocks = new SenderClocks();
  watch(clocks, { ms: 10_000, aheadMs: 2_000 });
  watch(clocks, { from: NOW + 10_000, ms: 40_000, aheadMs: 0 });
  expect(clocks.offsetMs('a')).toBe(0);
});

test('who was silent for long is looked at anew', () => {
  const clocks = new SenderClocks();
  watch(clocks, { ms: 1_000, aheadMs: 2_000 });
  clocks.see('a', NOW + 3_600_000 - 5, NOW + 3_600_000);
  expect(clocks.offsetMs('a')).toBe(0);
});
