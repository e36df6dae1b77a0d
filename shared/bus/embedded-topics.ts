/** The topics of the embedded bus: their offsets, their readers, and their past. */
import { type TopicName, TOPICS } from '../model/events.ts';
import {
  type BatchHandler,
  BusError,
  type Outgoing,
  type ReadOptions,
  type Received,
} from './bus.ts';
import { type AnyReader, createTopicReader, type History } from './embedded-reader.ts';
import type { Journal } from './journal.ts';
import { parseBatch } from './journal-records.ts';

/**
 * Offsets of topics that are not journalled begin at the time of the start times this, so that no
 * number is given twice across restarts (tokens made of offsets rely on it).
 */
const OFFSETS_PER_MS = 1_000;

export interface Topic {
  name: TopicName;
  durable: boolean;
  /** Offset of the next record, by partition. */
  next: number[];
  /** Everything below is in the journal, by partition. */
  stored: number[];
  /** Everything below lies on the disk, by partition. */
  synced: number[];
  /** First offset kept, by partition. */
  first: number[];
  /** Records of this turn, waiting for their pass. */
  waiting: Received<TopicName>[];
  readers: Set<AnyReader>;
  /** Those that hear of a record as soon as the journal has it. */
  echoes: Set<AnyReader>;
}

export function makeTopics(partitions: number, nowMs: number): Record<TopicName, Topic> {
  const start = nowMs * OFFSETS_PER_MS;
  const names = Object.keys(TOPICS) as TopicName[];
  return Object.fromEntries(names.map((name) => {
    const { durable, single } = TOPICS[name];
    const offsets = () => new Array<number>(single ? 1 : partitions).fill(durable ? 0 : start);
    return [name, {
      name,
      durable,
      next: offsets(),
      stored: offsets(),
      synced: offsets(),
      first: offsets(),
      waiting: [],
      readers: new Set(),
      echoes: new Set(),
    }];
  })) as unknown as Record<TopicName, Topic>;
}

/** Gives records the next offsets; `misuse` when one is for a partition that is not there. */
export function numberedBy<T extends TopicName>(
  topic: Topic,
  records: readonly Outgoing<T>[],
): Received<T>[] | BusError {
  // All of them before any gets a number: none is given for nothing.
  const strange = records.find(({ partition }) => topic.next[partition] === undefined);
  if (strange) {
    const text = `Cannot publish to ${topic.name}: there is no partition ${strange.partition}`;
    return new BusError('misuse', text);
  }
  return records.map(({ partition, value }) => ({
    partition,
    offset: topic.next[partition]!++,
    value,
  }));
}

/** What a reader of a topic tells. */
export interface ReaderEvents {
  onError(error: unknown): void;
  /** Records it had no room for. */
  onDrop(records: number): void;
}

/** Makes a reader that begins where its group had committed, or where `options.from` says. */
export async function openTopicReader<T extends TopicName>(
  topic: Topic,
  options: ReadOptions,
  handler: BatchHandler<T>,
  journal: Journal,
  events: ReaderEvents,
): Promise<AnyReader> {
  const group = options.as === 'group' && topic.durable ? options.group : undefined;
  const stored = group === undefined
    ? []
    : await journal.call({ op: 'positions', group, topic: topic.name });
  for (const { partition, offset } of stored) {
    const gone = topic.first[partition]! - offset;
    if (gone <= 0) continue;
    const text =
      `${gone} records of ${topic.name}/${partition} were gone before ${group} read them`;
    events.onError(new BusError('unavailable', text));
  }
  const { from } = options;
  const known = isEcho(options) ? topic.stored : topic.synced;
  const starts = [...(from === 'start' ? topic.first : known)];
  if (typeof from === 'object') {
    for (const [partition, offset] of from) starts[partition] = offset;
  }
  return createTopicReader<T>({
    handler,
    stored,
    starts,
    ends: [...known],
    history: topic.durable ? historyOf(topic, known, journal, events.onError) : undefined,
    keepsPositions: group !== undefined,
    ...events,
  });
}

/** Whether a reader is told of records that do not lie on the disk yet. */
function isEcho(options: ReadOptions): boolean {
  return options.as === 'slice' && options.echo === true;
}

/** Those it belongs to. */
export function readersLike(options: ReadOptions, topic: Topic): Set<AnyReader> {
  return topic.durable && isEcho(options) ? topic.echoes : topic.readers;
}

/**
 * What was stored of a durable topic before a reader came, or while it was too slow.
 * @param known how far that reader may hear of it, by partition; grows
 */
function historyOf(
  topic: Topic,
  known: readonly number[],
  journal: Journal,
  onError: (error: BusError) => void,
): History {
  return {
    end: (partition) => known[partition]!,
    async read(partition, from, batchesMax) {
      const batches = await journal.call({
        op: 'read',
        topic: topic.name,
        partition,
        from,
        batchesMax,
      });
      const records: Received<TopicName>[] = batches.flatMap((batch) => parseBatch(batch, onError));
      return records.filter(({ offset }) => offset >= from && offset < known[partition]!);
    },
  };
}
