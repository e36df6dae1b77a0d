/**
 * The journal thread: owns the SQLite file of the durable topics. Appends that arrive together are
 * one transaction (group commit). What is appended outlives the process; a second thread of the same file
 * brings it to the disk.
 */
import { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import type { TopicName } from '../model/events.ts';
import { BUSY_TIMEOUT_MS, runDisk } from './journal-disk.ts';
import { pack, unpack } from './journal-packing.ts';
import type {
  JournalAnswers,
  JournalCall,
  JournalOpened,
  JournalReply,
  JournalRequest,
  JournalSettings,
  StoredBatch,
  StoredPosition,
} from './journal-protocol.ts';
import { prepare } from './journal-statements.ts';

/**
 * Bytes of a page of a new file. A commit writes whole pages, and most of its pages hold little that
 * is new: smaller ones are fewer bytes, but more calls of the system.
 */
const PAGE_BYTES = 2_048;
/** Record batches deleted by one retention call: some ms of work, so that appends do not wait long. */
const RETAIN_BATCHES_MAX = 500;
/** Of a new file nobody asked more for: each is a row of its own in every commit, and packed alone. */
const PARTITIONS_NEW = 1;

/** A setting that does not fit the file. */
class Misuse extends Error {}

const settings = workerData as JournalSettings;
const port = parentPort!;
if (settings.role === 'journal') runJournal();
else runDisk(settings.path, port);

function runJournal(): void {
  let journal: Journal;
  try {
    journal = openJournal(settings.path, settings.partitions);
  } catch (error) {
    port.postMessage(openFailure(error));
    return;
  }
  port.postMessage({ opened: true, partitions: journal.partitions } satisfies JournalOpened);

  let waiting: JournalRequest[] = [];
  port.on('message', (request: JournalRequest) => {
    // Everything that lies in the port is taken before the transaction begins: group commit.
    if (waiting.push(request) === 1) setImmediate(work);
  });
  function work(): void {
    const requests = waiting;
    waiting = [];
    for (const reply of journal.run(requests)) port.postMessage(reply);
  }
}

interface Journal {
  readonly partitions: number;
  run(requests: JournalRequest[]): JournalReply[];
}

function openJournal(path: string, asked: number | undefined): Journal {
  const db = new DatabaseSync(path);
  db.exec(
    `PRAGMA page_size = ${PAGE_BYTES}; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 0;
    PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS};
    CREATE TABLE IF NOT EXISTS batches (
      topic TEXT NOT NULL, partition INTEGER NOT NULL, base INTEGER NOT NULL,
      count INTEGER NOT NULL, at_ms INTEGER NOT NULL, records TEXT NOT NULL);
    CREATE UNIQUE INDEX IF NOT EXISTS batches_by_offset ON batches (topic, partition, base);
    CREATE TABLE IF NOT EXISTS positions (
      grp TEXT NOT NULL, topic TEXT NOT NULL, partition INTEGER NOT NULL,
      offset INTEGER NOT NULL, note TEXT NOT NULL, PRIMARY KEY (grp, topic, partition)) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;`,
  );
  const partitions = keepPartitions(db, asked);
  const prepared = prepare(db);

  function run(requests: JournalRequest[]): JournalReply[] {
    const isWrite = ({ op }: JournalRequest): boolean => op === 'append' || op === 'commit';
    const writes = requests.filter(isWrite);
    const others = requests.filter((request) => !isWrite(request));
    // What cannot be read is no reason to refuse what is written.
    return [...(writes.length > 0 ? runTogether(writes) : []), ...others.map(runAlone)];
  }

  function runTogether(requests: JournalRequest[]): JournalReply[] {
    try {
      db.exec('BEGIN IMMEDIATE');
      for (const request of requests) runOne(request);
      db.exec('COMMIT');
      return requests.map(({ id }) => ({ id, ok: true, answer: null }));
    } catch (error) {
      // The whole group fails together: none of it may be taken for stored.
      if (db.isOpen && db.isTransaction) db.exec('ROLLBACK');
      return requests.map(({ id }) => failure(id, error));
    }
  }

  function runAlone(request: JournalRequest): JournalReply {
    try {
      return { id: request.id, ok: true, answer: runOne(request) };
    } catch (error) {
      return failure(request.id, error);
    }
  }

  function runOne(call: JournalCall): JournalAnswers[JournalCall['op']] {
    switch (call.op) {
      case 'append': {
        let at = 0;
        for (const { topic, partition, base, count, size } of call.batches) {
          const text = new Uint8Array(call.bytes, at, size);
          const packed = pack(text);
          const append = packed ? prepared.appendPacked : prepared.append;
          append.run(topic, partition, base, count, call.atMs, packed ?? text);
          at += size;
        }
        return null;
      }
      case 'read':
        return readBatches(call);
      case 'ends':
        return call.topics.flatMap(endsOf);
      case 'commit':
        for (const { group, topic, partition, offset, note } of call.positions) {
          prepared.commit.run(group, topic, partition, offset, note);
        }
        return null;
      case 'positions':
        return prepared.positions.all(call.group, call.topic) as unknown as StoredPosition[];
      case 'retain': {
        const { topic, beforeMs, lostMs, floors } = call.retention;
        for (const { partition, offset } of floors) {
          const oldest = Number(prepared.oldest.get(topic, partition)?.['at_ms'] ?? Infinity);
          if (oldest >= beforeMs) continue;
          const unread = Number(prepared.unread.get(topic, partition)?.['offset'] ?? Infinity);
          const oldestFirst = [topic, partition, RETAIN_BATCHES_MAX] as const;
          const [floor, before] = oldest < lostMs
            ? [offset, lostMs]
            : [Math.min(offset, unread), beforeMs];
          prepared.retain.run(...oldestFirst, floor, before, topic, partition);
        }
        return null;
      }
      case 'close':
        db.close();
        return null;
      case 'ping':
        return null;
    }
  }

  function readBatches(
    { topic, partition, from, batchesMax }: Extract<JournalCall, { op: 'read' }>,
  ): StoredBatch[] {
    const rows = prepared.read.all(topic, partition, topic, partition, from, from, batchesMax);
    return rows.map((row) => ({ ...row, records: unpack(row['records']) }) as StoredBatch);
  }

  /** By two looks into the index: reading through a day of full load would take a minute. */
  function endsOf(topic: TopicName): JournalAnswers['ends'] {
    return Array.from({ length: partitions }, (_, partition) => {
      const start = Number(prepared.oldest.get(topic, partition)?.['base'] ?? 0);
      const end = Number(prepared.newest.get(topic, partition)?.['end'] ?? 0);
      return { topic, partition, start, end };
    }).filter(({ end }) => end > 0);
  }

  return { partitions, run };
}

function failure(id: number, error: unknown): JournalReply {
  return { id, ok: false, message: error instanceof Error ? error.message : String(error) };
}

/** How many there are from now on. Fewer than before would leave records that nobody reads. */
function keepPartitions(db: DatabaseSync, asked: number | undefined): number {
  const stored = db.prepare(`SELECT value FROM settings WHERE name = 'partitions'`).get();
  const before = Number(stored?.value ?? 0);
  const partitions = asked ?? (before || PARTITIONS_NEW);
  if (before > partitions) {
    throw new Misuse(
      `PARTITIONS=${partitions}: the journal has ${before} partitions; allowed is ${before} or more`,
    );
  }
  db.prepare(`INSERT OR REPLACE INTO settings VALUES ('partitions', ?)`).run(partitions);
  return partitions;
}

function openFailure(error: unknown): JournalOpened {
  const message = error instanceof Error ? error.message : String(error);
  const code = error instanceof Misuse
    ? 'misuse'
    : /malformed|not a database|corrupt/i.test(message)
    ? 'corrupt'
    : 'unavailable';
  return { opened: false, code, message };
}
