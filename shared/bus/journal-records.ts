/** Records as the journal keeps them, and back. */
import type { TopicMessages, TopicName } from '../model/events.ts';
import { BusError, type Received } from './bus.ts';
import type { JournalBatch, StoredBatch } from './journal-protocol.ts';

/** One batch per partition, in the order of offsets; their texts follow each other in `bytes`. */
export function journalBatches(
  group: Iterable<readonly [TopicName, readonly Received<TopicName>[]]>,
): { batches: JournalBatch[]; bytes: ArrayBuffer } {
  const batches: JournalBatch[] = [];
  let end = 0;
  for (const [topic, records] of group) {
    for (const [partition, ofPartition] of Map.groupBy(records, ({ partition }) => partition)) {
      const start = end;
      // All at once: a text of each would cost a third more.
      end = write(JSON.stringify(ofPartition.map(({ value }) => value)), end);
      const { offset: base } = ofPartition[0]!;
      batches.push({ topic, partition, base, count: ofPartition.length, size: end - start });
    }
  }
  return { batches, bytes: scratch.slice(0, end).buffer };
}

const encoder = new TextEncoder();
/** Written into again and again, grown to the largest group so far; what is sent is a copy of its part. */
let scratch = new Uint8Array(64 * 1024);

/** Where the text ends. */
function write(text: string, at: number): number {
  // A character has three bytes at most.
  if (at + 3 * text.length > scratch.length) {
    const larger = new Uint8Array(2 * (scratch.length + 3 * text.length));
    larger.set(scratch.subarray(0, at));
    scratch = larger;
  }
  return at + encoder.encodeInto(text, scratch.subarray(at)).written;
}

/** The records of a stored batch; a batch that cannot be read is reported and left out. */
export function parseBatch(
  { topic, partition, base, count, records }: StoredBatch,
  onError: (error: BusError) => void,
): Received<TopicName>[] {
  // Older versions wrote one record a line.
  const text = records.startsWith('{') ? `[${records.replaceAll('\n', ',')}]` : records;
  try {
    const values = JSON.parse(text) as TopicMessages[TopicName][];
    return values.map((value, index) => ({ partition, offset: base + index, value }));
  } catch (cause) {
    const place = `${topic}/${partition}/${base} to ${base + count - 1}`;
    onError(new BusError('corrupt', `Cannot read ${place}: it is no JSON`, { cause }));
    return [];
  }
}
