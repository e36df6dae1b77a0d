/**
 * What the bus and its journal thread say to each other. Records travel as bytes that are handed
 * over: cloning objects is dear, and texts are copied twice and encoded by the thread once more.
 */
import type { TopicName } from '../model/events.ts';

/** Records of one partition in a row. Offsets run from `base` to `base + count - 1`. */
export interface JournalBatch {
  topic: TopicName;
  partition: number;
  base: number;
  count: number;
  /** Bytes of its records: a JSON array of `count`, UTF-8. */
  size: number;
}

/** A batch as it is read. */
export interface StoredBatch extends Omit<JournalBatch, 'size'> {
  /** A JSON array of `count`; in files of older versions as many JSON texts joined by line feeds. */
  records: string;
}

export interface StoredPosition {
  group: string;
  topic: TopicName;
  partition: number;
  offset: number;
  note: string;
}

/**
 * Retention of one topic: what is below `floors`, older than `beforeMs` and read by every group that has a
 * position may go; older than `lostMs` also what a group has not read, that nobody of is there.
 */
export interface Retention {
  topic: TopicName;
  beforeMs: number;
  lostMs: number;
  floors: { partition: number; offset: number }[];
}

export type JournalCall =
  /**
   * `bytes` holds the records of all batches, one after the other, and is handed over. No view of
   * them: Deno 2.9 looks at each element of one in a message, 0.1 µs a byte.
   */
  | { op: 'append'; atMs: number; batches: JournalBatch[]; bytes: ArrayBuffer }
  | { op: 'read'; topic: TopicName; partition: number; from: number; batchesMax: number }
  | { op: 'ends'; topics: TopicName[] }
  | { op: 'commit'; positions: StoredPosition[] }
  | { op: 'positions'; group: string; topic: TopicName }
  | { op: 'retain'; retention: Retention }
  | { op: 'ping' }
  | { op: 'close' };

export interface JournalAnswers {
  append: null;
  read: StoredBatch[];
  /** First offset kept and the offset the next record gets; partitions never written are absent. */
  ends: { topic: TopicName; partition: number; start: number; end: number }[];
  commit: null;
  positions: StoredPosition[];
  retain: null;
  ping: null;
  close: null;
}

export type JournalRequest = JournalCall & { id: number };
export type JournalReply =
  | { id: number; ok: true; answer: JournalAnswers[JournalCall['op']] }
  | { id: number; ok: false; message: string };

/** First message of the thread: it has opened the file, or could not. */
export type JournalOpened =
  | { opened: true; partitions: number }
  | { opened: false; code: 'corrupt' | 'unavailable' | 'misuse'; message: string };

/** To the thread that brings the journal to the disk. */
export type DiskCall = 'sync' | 'close';
/** Of it: one for each `sync`, with what the disk said against it, and one to `close`. */
export type DiskAnswer = { fault?: string } | 'closed';

export interface JournalSettings {
  path: string;
  /** Undefined: as many as the file has, one in a new one. */
  partitions: number | undefined;
  role: 'journal' | 'disk';
}
