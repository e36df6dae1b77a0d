/** Records as the journal keeps them, and back. */
import type { TopicMessages, TopicName } from '../model/events.ts';
import { BusError, type Received } from './bus.ts';
import type { JournalBatch, StoredBatch } from './journal-protocol.ts';

/**
 * One batch per partition, in the order of offsets. Their texts lie in one place that is used again:
 * they are good until the next call.
 */
export function journalBatches(
  group: Iterable<readonly [TopicName, readonly Received<TopicName>[]]>,
): JournalBatch[] {
  const batches: JournalBatch[] = [];
  let end = 0;
  for (const [topic, records] of group) {
    for (const [partition, ofPartition] of Map.groupBy(records, ({ partition }) => partition)) {
      // All at once: a text of each would cost a third more.
      const text = write(JSON.stringify(ofPartition.map(({ value }) => value)), end);
      if (text.buffer === scratch.buffer) end += text.length;
      const { offset: base } = ofPartition[0]!;
      batches.push({ topic, partition, base, count: ofPartition.length, text });
    }
  }
  return batches;
}

const encoder = new TextEncoder();
/** Written into again and again. What has no room, such as a group that waited for long, gets a place of its own. */
const scratch = new Uint8Array(512 * 1024);

function write(text: string, at: number): Uint8Array {
  // A character has three bytes at most.
  if (at + 3 * text.length > scratch.length) return encoder.encode(text);
  return scratch.subarray(at, at + encoder.encodeInto(text, scratch.subarray(at)).written);
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
