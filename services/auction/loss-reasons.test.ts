import { describe, expect, test } from 'vitest';
import { LOSS, LOSS_WORDS, statusOf } from './loss-reasons.ts';

describe('LOSS', () => {
  test('is the list of OpenRTB 3.0', () => {
    const codes = [
      ...[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
      ...[100, 101, 102, 103, 104],
      ...[200, 201, 202, 203, 204, 205, 206, 207, 208, 209, 210, 211, 212, 213, 214, 215],
    ];
    expect(Object.values(LOSS)).toEqual(codes);
    expect(Object.keys(LOSS_WORDS).map(Number)).toEqual(codes);
  });
});

describe('statusOf()', () => {
  test('calls what another price would have changed lost and the rest invalid', () => {
    const lost = Object.values(LOSS).filter((code) => statusOf(code) === 'lost');
    expect(lost).toEqual([100, 101, 102, 103]);
    expect(statusOf(LOSS.won)).toBe('won');
    expect(statusOf(LOSS.buyerSeatBlocked)).toBe('invalid');
  });
});
