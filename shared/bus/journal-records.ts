/** Records as the journal keeps them, and back. */
import type { TopicMessages, TopicName } from '../model/events.ts';
import { BusError, type Received } from './bus.ts';
import type { JournalBatch, StoredBatch } from './journal-protocol.ts';

/** One batch per partition, in the order of offsets; their records follow each other in `bytes`. */
export function journalBatches(
  group: Iterable<readonly [TopicName, readonly Received<TopicName>[]]>,
): { batches: JournalBatch[]; bytes: ArrayBuffer } {
  const batches: JournalBatch[] = [];
  let end = 0;
  for (const [topic, records] of group) {
    for (const [partition, ofPartition] of Map.groupBy(records, ({ partition }) => partition)) {
      const start = end;
      for (const { value } of ofPartition) end = write(JSON.stringify(value), end);
      // The line feed behind the last record is left out.
      end--;
      const { offset: base } = ofPartition[0]!;
      batches.push({ topic, partition, base, count: ofPartition.length, size: end - start });
    }
  }
  return { batches, bytes: scratch.slice(0, end).buffer };
}

const encoder = new TextEncoder();
/** Written into again and again, grown to the largest group so far; what is sent is a copy of its part. */
let scratch = new Uint8Array(64 * 1024);
const LINE_FEED = 0x0a;

/** Writes a line; where it ends. */
function write(text: string, at: number): number {
  // A character has three bytes at most.
  if (at + 3 * text.length >= scratch.length) {
    const larger = new Uint8Array(2 * (scratch.length + 3 * text.length));
    larger.set(scratch.subarray(0, at));
    scratch = larger;
  }
  const end = at + encoder.encodeInto(text, scratch.subarray(at)).written;
  scratch[end] = LINE_FEED;
  return end + 1;
}

/** The records of a stored batch; one that is no JSON is reported and left out. */
export function parseBatch(
  { topic, partition, base, records }: StoredBatch,
  onError: (error: BusError) => void,
): Received<TopicName>[] {
  return records.split('\n').flatMap((text, index) => {
    try {
      const value = JSON.parse(text) as TopicMessages[TopicName];
      return [{ partition, offset: base + index, value }];
    } catch (cause) {
      const place = `${topic}/${partition}/${base + index}`;
      onError(new BusError('corrupt', `Cannot read ${place}: it is no JSON`, { cause }));
      return [];
    }
  });
}
