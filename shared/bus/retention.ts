/** Old records of the journal go; configuration is kept for ever. */
import type { Topic } from './embedded-topics.ts';
import type { Journal } from './journal.ts';

/** Outcomes and events are kept this long for people and late readers. */
const RETENTION_MS = 24 * 3_600_000;
/** What a group has not read is kept for it this long: a warehouse may be away over a weekend. */
const UNREAD_RETENTION_MS = 7 * RETENTION_MS;
/**
 * Calls for a topic at a time, of 500 batches each. Called every second they delete more than can be
 * appended: a batch is what is published in a turn of the event loop.
 */
const CALLS_MAX = 10;

export async function retain(
  topics: readonly Topic[],
  journal: Journal,
  nowMs: number,
): Promise<void> {
  for (const topic of topics) {
    if (!topic.durable || topic.name === 'config_changes') continue;
    const retention = {
      topic: topic.name,
      beforeMs: nowMs - RETENTION_MS,
      lostMs: nowMs - UNREAD_RETENTION_MS,
      floors: floorsOf(topic),
    };
    for (let calls = 0; calls < CALLS_MAX; calls++) {
      if (await journal.call({ op: 'retain', retention })) break;
    }
  }
}

/** Below these offsets, by partition, no reader that is there wants anything of it any more. */
function floorsOf(topic: Topic): { partition: number; offset: number }[] {
  return topic.synced.map((synced, partition) => {
    const committed = [...topic.readers].map((reader) => reader.committed(partition));
    return { partition, offset: Math.min(synced, ...committed) };
  });
}
