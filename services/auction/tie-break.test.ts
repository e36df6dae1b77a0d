import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { breakTie, drawHash } from './tie-break.ts';

function ticket(seat: string, id: string) {
  return { seat, bid: { id }, draw: undefined as string | undefined };
}

describe('drawHash()', () => {
  test('is the SHA-256 of the JSON array of its parts', () => {
    const text = '["auction-1","1","acme","salt"]';
    const hash = createHash('sha256').update(text, 'utf8').digest('hex');
    expect(drawHash('auction-1', '1', 'acme', 'salt')).toBe(hash);
  });

  test('keeps its parts apart whatever is in them', () => {
    const hashes = [
      drawHash('a', 'b', 'c', 'd'),
      drawHash('a', 'bc', '', 'd'),
      drawHash('a', 'b","c', '', 'd'),
      drawHash('a', 'b\u0000', 'c', 'd'),
      drawHash('a', 'b', '\u0000c', 'd'),
      drawHash('a', '\ud800', 'c', 'd'),
      drawHash('a', '\ud801', 'c', 'd'),
    ];
    expect(new Set(hashes).size).toBe(hashes.length);
  });
});

describe('breakTie()', () => {
  test('gives the win to the lowest hash and notes what each bid drew', () => {
    const tied = ['acme', 'bolt', 'cargo'].map((seat) => ticket(seat, `${seat}-1`));
    const winner = breakTie(tied, 'auction-1', '1', 'salt');
    const hashes = tied.map(({ seat }) => drawHash('auction-1', '1', seat, 'salt'));
    expect(tied.map((entry) => entry.draw)).toEqual(hashes);
    expect(winner.draw).toBe(hashes.toSorted()[0]);
  });

  test('gives a seat one ticket, its bid with the lowest id', () => {
    const tied = [ticket('acme', 'b'), ticket('acme', 'a'), ticket('bolt', 'c')];
    breakTie(tied, 'auction-1', '1', 'salt');
    expect(tied.map((entry) => entry.draw !== undefined)).toEqual([false, true, true]);
  });

  test('hashes nothing when only one seat is left', () => {
    const tied = [ticket('acme', 'b'), ticket('acme', 'a')];
    expect(breakTie(tied, 'auction-1', '1', 'salt').bid.id).toBe('a');
    expect(tied.map((entry) => entry.draw)).toEqual([undefined, undefined]);
  });
});
