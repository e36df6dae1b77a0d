import { describe, expect, test } from 'vitest';
import type { Received } from './bus.ts';
import { journalBatches, parseBatch } from './journal-records.ts';
import type { JournalBatch, StoredBatch } from './journal-protocol.ts';

type Record = Received<'ad_events'>;

const record = (partition: number, offset: number, text: string): Record =>
  ({ partition, offset, value: { text } }) as unknown as Record;

/** As the journal would give them back. */
function stored(batches: readonly JournalBatch[]): StoredBatch[] {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  return batches.map(({ text, ...batch }) => ({ ...batch, records: decoder.decode(text) }));
}

const fail = (error: unknown): never => {
  throw error;
};

describe('journalBatches()', () => {
  test('has one batch per topic and partition, and parseBatch() its records', () => {
    const events = [record(1, 7, 'ü€😀'), record(0, 3, ''), record(1, 8, 'line\nfeed')];
    const changes = [record(1, 90, 'x\ud800')];
    const group = [['ad_events', events], ['config_changes', changes]] as const;
    const batches = stored(journalBatches(group as never));
    expect(batches.map(({ topic, partition, base, count }) => [topic, partition, base, count]))
      .toEqual([['ad_events', 1, 7, 2], ['ad_events', 0, 3, 1], ['config_changes', 1, 90, 1]]);
    expect(batches.flatMap((batch) => parseBatch(batch, fail)))
      .toEqual([events[0], events[2], events[1], changes[0]]);
  });

  test('takes groups of any size, one after the other', () => {
    for (const length of [10, 21_000, 22_000, 66_000, 300_000, 10]) {
      for (const character of ['x', '€', '😀']) {
        const records = [0, 1, 2].map((n) => record(n, n, character.repeat(length)));
        const batches = stored(journalBatches([['ad_events', records]]));
        const read = batches.flatMap((batch) => parseBatch(batch, fail));
        expect(JSON.stringify(read) === JSON.stringify(records)).toBe(true);
      }
    }
  });
});
