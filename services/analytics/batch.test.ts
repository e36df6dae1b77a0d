import { describe, expect, test } from 'vitest';
import { createBatch, rowStart } from './batch.ts';
import { formatToken, parseToken } from './offset-ranges.ts';
import { createRowBytes } from './row-bytes.ts';

describe('createBatch()', () => {
  test('covers one range per partition and names them sorted', () => {
    const batch = createBatch('auction_outcomes');
    for (const [partition, offset] of [[10, 5], [2, 7], [10, 6], [2, 8], [2, 9]] as const) {
      batch.cover(partition, offset, `a${offset}`);
      batch.add(`{"n":${offset}}`);
    }
    expect(batch.token()).toMatch(/^auction_outcomes:2:7-9,auction_outcomes:10:5-6#[\w-]{12}$/);
    expect(batch.count).toBe(5);
  });

  test('is full at 10,000 rows, at 16 MB and at 80 partitions', () => {
    const rows = createBatch('auction_outcomes');
    for (let n = 0; n < 10_000; n++) {
      expect(rows.isFull(0)).toBe(false);
      rows.add('{}');
    }
    expect(rows.isFull(0)).toBe(true);

    const large = createBatch('auction_details');
    large.add('x'.repeat(15_999_999));
    expect(large.isFull(0)).toBe(false);
    large.add('x');
    expect(large.isFull(0)).toBe(true);

    const wide = createBatch('auction_outcomes');
    for (let partition = 0; partition < 80; partition++) wide.cover(partition, 0, 'a');
    expect(wide.isFull(79)).toBe(false);
    expect(wide.isFull(80)).toBe(true);
  });

  test('has a token that fits into the 4 KiB of a note', () => {
    const batch = createBatch('auction_outcomes');
    for (let n = 0; n < 80; n++) {
      batch.cover(1_000 + n, 100_000_000_000, 'a');
      batch.cover(1_000 + n, 100_000_000_009, 'a');
    }
    expect(batch.isFull(0)).toBe(true);
    expect(batch.token().length).toBeLessThan(4_096);
  });
});

describe('parseToken()', () => {
  test('reads what formatToken() wrote', () => {
    const ranges = [{ partition: 0, first: 0, last: 0 }, { partition: 3, first: 12, last: 4_000 }];
    expect(parseToken('ad_events', formatToken('ad_events', ranges, 'a'))).toEqual(ranges);
  });

  test('reads what an earlier version wrote', () => {
    expect(parseToken('ad_events', 'ad_events:0:1-2,ad_events:3:4-4'))
      .toEqual([{ partition: 0, first: 1, last: 2 }, { partition: 3, first: 4, last: 4 }]);
  });

  for (const text of ['', 'x', 'auction_outcomes:0:1-2', 'ad_events:0:1', 'ad_events:0:1-2,']) {
    test(`knows that "${text}" is no token of ad_events`, () => {
      expect(parseToken('ad_events', text)).toBeUndefined();
    });
  }
});

describe('release()', () => {
  test('gives the memory of the rows back', () => {
    const batch = createBatch('auction_outcomes');
    batch.add('{"auction_id":"a"}');
    const [chunk] = batch.rows();
    batch.release();
    expect(chunk!.length).toBe(0);
    expect(batch.rows()).toEqual([]);
    expect(batch.startingWith('{')).toEqual([]);
  });
});

describe('createRowBytes()', () => {
  const row = (id: string, text: unknown = 0): string => JSON.stringify({ auction_id: id, text });
  const read = (chunks: Uint8Array[]): string[] =>
    chunks.map((chunk) => new TextDecoder('utf-8', { fatal: true }).decode(chunk));

  test('gives back whole rows, each with its line feed, none in two chunks', () => {
    const rows = createRowBytes();
    const added: string[] = [];
    for (let n = 0; n < 900; n++) {
      added.push(row(`a${n}`, 'ü€😀x'.repeat(n % 60)));
      rows.add(added.at(-1)!);
    }
    const chunks = read(rows.chunks());
    expect(chunks.length).toBeGreaterThan(3);
    expect(chunks.every((chunk) => chunk.endsWith('\n'))).toBe(true);
    expect(chunks.join('')).toBe(added.map((text) => text + '\n').join(''));
    expect(rows.count).toBe(900);
    expect(rows.size).toBe(new TextEncoder().encode(added.join('')).length);
  });

  test.each([4_092, 4_093, 4_094, 4_095, 4_096, 4_097, 1_000_000])(
    'takes a row of %i bytes as the first, the second and the last',
    (length) => {
      for (const character of ['x', 'ü', '€', '😀']) {
        const long = character.repeat(length / new TextEncoder().encode(character).length);
        const rows = createRowBytes();
        for (const text of [long, '', long, 'y']) rows.add(text);
        expect(read(rows.chunks()).join('') === `${long}\n\n${long}\ny\n`).toBe(true);
      }
    },
  );

  test('finds the rows that begin alike', () => {
    const rows = createRowBytes();
    expect(rows.startingWith(rowStart('a'))).toEqual([]);
    const texts = [row('a', 1), row('b'), row('a', 2), row('ab')];
    for (const text of texts) rows.add(text);
    expect(rows.startingWith(rowStart('a'))).toEqual([texts[0], texts[2]]);
    expect(rows.startingWith(rowStart(''))).toEqual([]);
  });
});
