/** Records as the journal keeps them, and back. */
import type { TopicMessages, TopicName } from '../model/events.ts';
import { BusError, type Received } from './bus.ts';
import type { JournalBatch } from './journal-protocol.ts';

/** One batch per partition, in the order of offsets. */
export function journalBatches(topic: TopicName, records: Received<TopicName>[]): JournalBatch[] {
  const byPartition = new Map<number, { base: number; lines: string[] }>();
  for (const { partition, offset, value } of records) {
    const text = JSON.stringify(value);
    const batch = byPartition.get(partition);
    if (batch) batch.lines.push(text);
    else byPartition.set(partition, { base: offset, lines: [text] });
  }
  return [...byPartition].map(([partition, { base, lines }]) => ({
    topic,
    partition,
    base,
    count: lines.length,
    records: lines.join('\n'),
  }));
}

/** The records of a stored batch; one that is no JSON is reported and left out. */
export function parseBatch(
  { topic, partition, base, records }: JournalBatch,
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
