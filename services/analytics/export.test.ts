import { expect, test } from 'vitest';
import { WarehouseError } from '#shared/warehouse/warehouse.ts';
import type { Keyset } from './cursor.ts';
import { csvLine, csvStream } from './export.ts';
import type { StoredOutcome } from './queries.ts';
import { idOf } from './test-records.ts';

const row = (n: number): StoredOutcome =>
  ({ auction_id: idOf(n), imp_id: '1', win_status: 'no_bid', floor_micros: 0 }) as StoredOutcome;

test('csvLine() quotes what needs it and gives no spreadsheet a formula', () => {
  expect(csvLine(['plain', 1.5, true, null, ''])).toBe('plain,1.5,true,,\r\n');
  expect(csvLine(['a,b', 'say "hi"', 'two\nlines'])).toBe('"a,b","say ""hi""","two\nlines"\r\n');
  expect(csvLine(['=1+1', '+1', '-1', '@x', '\tx', '=A1,"'])).toBe(
    `'=1+1,'+1,'-1,'@x,'\tx,"'=A1,"""\r\n`,
  );
  expect(csvLine([-1])).toBe('-1\r\n');
});

test('csvStream() asks for a page when the reader wants one, and ends at its bound', async () => {
  const asked: [number, Keyset | undefined][] = [];
  const stream = await csvStream(
    async (limit, after) => {
      asked.push([limit, after]);
      return Array.from({ length: limit }, (_, n) => row(asked.length * 10_000 + n));
    },
    () => {},
    7_000,
  );
  const reader = stream.getReader();
  const first = new TextDecoder().decode((await reader.read()).value);
  expect(first.startsWith('auction_id,request_id,time,')).toBe(true);
  expect(first.split('\r\n')).toHaveLength(5_001);
  expect(asked).toEqual([[5_000, undefined]]);
  const second = new TextDecoder().decode((await reader.read()).value);
  expect((first + second).split('\r\n')).toHaveLength(7_002);
  expect(asked[1]).toMatchObject([2_000, { auctionId: idOf(14_999), impId: '1' }]);
  expect((await reader.read()).done).toBe(true);
});

test('csvStream() begins no file whose first page fails', async () => {
  const failure = new Error('away');
  const stream = csvStream(() => Promise.reject(failure), () => {});
  await expect(stream).rejects.toBe(failure);
});

test('csvStream() that fails behind a page tells so, and ends without its last line end', async () => {
  let pages = 0;
  const errors: unknown[] = [];
  const stream = await csvStream(
    async (limit) => {
      if (pages++ > 0) throw new Error('away');
      return Array.from({ length: limit }, (_, n) => row(n));
    },
    (error) => errors.push(error),
  );
  let text = '';
  const read = async (): Promise<void> => {
    for await (const bytes of stream) text += new TextDecoder().decode(bytes);
  };
  await expect(read()).rejects.toThrow('away');
  expect(text.split('\r\n')).toHaveLength(5_001);
  expect(text.endsWith('\r\n')).toBe(false);
  expect(errors).toEqual([new Error('away')]);
});

test('csvStream() asks for fewer rows where their texts are too long for one answer', async () => {
  const asked: number[] = [];
  const stream = await csvStream(
    async (limit) => {
      asked.push(limit);
      const tooLarge = { clickhouseCode: 396 };
      if (limit > 1_500) throw new WarehouseError('query', 'Limit for result exceeded', tooLarge);
      return Array.from({ length: limit }, (_, n) => row(asked.length * 10_000 + n));
    },
    () => {},
    4_000,
  );
  expect((await new Response(stream).text()).split('\r\n')).toHaveLength(4_002);
  expect(asked).toEqual([4_000, 1_500, 1_500, 1_000]);
});
