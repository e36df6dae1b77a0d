/** What can be asked of the journal's file, by its thread or without. */
import type { TopicName } from '../model/events.ts';

/** Records of one partition in a row. Offsets run from `base` to `base + count - 1`. */
export interface JournalBatch {
  topic: TopicName;
  partition: number;
  base: number;
  count: number;
  /** A JSON array of `count` records, UTF-8; good until the next batches are made. */
  text: Uint8Array;
}

/** A batch as it is read. */
export interface StoredBatch extends Omit<JournalBatch, 'text'> {
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

export type FileCall =
  | { op: 'read'; topic: TopicName; partition: number; from: number; batchesMax: number }
  | { op: 'ends'; topics: TopicName[] }
  | { op: 'commit'; positions: StoredPosition[] }
  | { op: 'positions'; group: string; topic: TopicName }
  | { op: 'retain'; retention: Retention }
  | { op: 'ping' };

export interface FileAnswers {
  read: StoredBatch[];
  /** First offset kept and the offset the next record gets; partitions never written are absent. */
  ends: { topic: TopicName; partition: number; start: number; end: number }[];
  commit: null;
  positions: StoredPosition[];
  /** False where there may be more to delete. */
  retain: boolean;
  ping: null;
}

/** Of the thread only: `sync` brings what was appended to the disk, `close` is its last. */
export type ThreadCall = FileCall | { op: 'sync' } | { op: 'close' };
export type ThreadAnswers = FileAnswers & { sync: null; close: null };

/** One to each call, in the order of the calls. */
export type ThreadReply =
  | { ok: true; answer: ThreadAnswers[ThreadCall['op']] }
  | { ok: false; message: string };
