/** Records as the journal keeps them, and back. */
import type { TopicMessages, TopicName } from '../model/events.ts';
import { BusError, type Received } from './bus.ts';
import type { JournalBatch, StoredBatch } from './journal-protocol.ts';

/** One batch per partition, in the order of offsets; their records follow each other in `bytes`. */
export function journalBatches(
  group: Iterable<readonly [TopicName, readonly Received<TopicName>[]]>,
): { batches: JournalBatch[]; bytes: ArrayBuffer } {
  const batches: JournalBatch[] = [];
  const texts: string[] = [];
  for (const [topic, records] of group) {
    const byPartition = new Map<number, { base: number; lines: string[] }>();
    for (const { partition, offset, value } of records) {
      const line = JSON.stringify(value);
      const batch = byPartition.get(partition);
      if (batch) batch.lines.push(line);
      else byPartition.set(partition, { base: offset, lines: [line] });
    }
    for (const [partition, { base, lines }] of byPartition) {
      texts.push(lines.join('\n'));
      batches.push({ topic, partition, base, count: lines.length, size: 0 });
    }
  }
  return { batches, bytes: encode(texts, batches) };
}

const encoder = new TextEncoder();
/** Written into again and again, grown to the largest group so far; what is sent is a copy of its part. */
let scratch = new Uint8Array(64 * 1024);

/** The texts one after the other; notes how many bytes each has. */
function encode(texts: readonly string[], batches: JournalBatch[]): ArrayBuffer {
  let at = 0;
  texts.forEach((text, index) => {
    let done = encoder.encodeInto(text, scratch.subarray(at));
    if (done.read < text.length) {
      // A character has three bytes at most.
      const larger = new Uint8Array(2 * scratch.length + 3 * text.length);
      larger.set(scratch.subarray(0, at));
      scratch = larger;
      done = encoder.encodeInto(text, scratch.subarray(at));
    }
    batches[index]!.size = done.written;
    at += done.written;
  });
  return scratch.slice(0, at).buffer;
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
