/**
 * The journal thread: owns the SQLite file of the durable topics. Appends that arrive together are
 * one transaction (group commit), so the price of the disk is paid once for many auctions. A second
 * thread of the same file only moves the write-ahead log into the database: doing that here would
 * hold up appends for 10 ms and more.
 */
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
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

/**
 * Bytes of a page of a new file. A commit writes whole pages, and most of its pages hold little that
 * is new: with SQLite's usual 4096 it writes almost twice as many bytes.
 */
const PAGE_BYTES = 1_024;
/**
 * Under full load a checkpoint moves some MB at a time: whatever the disk is given at once, the
 * next commit waits for.
 */
const CHECKPOINT_INTERVAL_MS = 250;
/** Bytes of write-ahead log above which the log is started anew, at the price of a short wait. */
const RESTART_BYTES = 16 * 2 ** 20;
/** Record batches deleted by one retention call: some ms of work, so that appends do not wait long. */
const RETAIN_BATCHES_MAX = 500;
/** How long a statement waits for the other thread's lock. */
const BUSY_TIMEOUT_MS = 5_000;

/** A setting that does not fit the file. */
class Misuse extends Error {}

const settings = workerData as JournalSettings;
const port = parentPort!;
if (settings.role === 'journal') runJournal();
else runCheckpoints();

function runJournal(): void {
  let journal: Journal;
  try {
    journal = openJournal(settings.path, settings.partitions);
  } catch (error) {
    port.postMessage(openFailure(error));
    return;
  }
  port.postMessage({ opened: true, partitions: settings.partitions } satisfies JournalOpened);

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
  run(requests: JournalRequest[]): JournalReply[];
}

function openJournal(path: string, partitions: number): Journal {
  const db = new DatabaseSync(path);
  db.exec(
    `PRAGMA page_size = ${PAGE_BYTES}; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0;
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
  keepPartitions(db, partitions);
  const prepared = prepare(db);

  function run(requests: JournalRequest[]): JournalReply[] {
    const writes = requests.some((request) => request.op === 'append' || request.op === 'commit');
    try {
      if (writes) db.exec('BEGIN IMMEDIATE');
      const replies = requests.map((request): JournalReply => ({
        id: request.id,
        ok: true,
        answer: runOne(request),
      }));
      if (writes) db.exec('COMMIT');
      if (requests.some((request) => request.op === 'close')) db.close();
      return replies;
    } catch (error) {
      // The whole group fails together: none of it may be taken for stored.
      if (db.isOpen && db.isTransaction) db.exec('ROLLBACK');
      const message = error instanceof Error ? error.message : String(error);
      return requests.map(({ id }) => ({ id, ok: false, message }));
    }
  }

  function runOne(call: JournalCall): JournalAnswers[JournalCall['op']] {
    switch (call.op) {
      case 'append': {
        let at = 0;
        for (const { topic, partition, base, count, size } of call.batches) {
          const records = new Uint8Array(call.bytes, at, size);
          prepared.append.run(topic, partition, base, count, call.atMs, records);
          at += size;
        }
        return null;
      }
      case 'read':
        return prepared.read.all(
          call.topic,
          call.partition,
          call.topic,
          call.partition,
          call.from,
          call.from,
          call.batchesMax,
        ) as unknown as StoredBatch[];
      case 'ends':
        return call.topics.flatMap((topic) => prepared.ends.all(topic)) as never;
      case 'commit':
        for (const { group, topic, partition, offset, note } of call.positions) {
          prepared.commit.run(group, topic, partition, offset, note);
        }
        return null;
      case 'positions':
        return prepared.positions.all(call.group, call.topic) as unknown as StoredPosition[];
      case 'retain': {
        const { topic, beforeMs, floors } = call.retention;
        let deleted = 0;
        for (const { partition, offset } of floors) {
          const done = prepared.retain.run(topic, partition, offset, beforeMs, RETAIN_BATCHES_MAX);
          deleted += Number(done.changes);
        }
        return deleted;
      }
      case 'ping':
      case 'close':
        return null;
    }
  }
  return { run };
}

function prepare(db: DatabaseSync): Record<string, StatementSync> & {
  append: StatementSync;
  read: StatementSync;
  ends: StatementSync;
  commit: StatementSync;
  positions: StatementSync;
  retain: StatementSync;
} {
  return {
    append: db.prepare(
      `INSERT INTO batches (topic, partition, base, count, at_ms, records)
       VALUES (?, ?, ?, ?, ?, CAST(? AS TEXT))`,
    ),
    // From the batch that holds the offset on, if it is still kept.
    read: db.prepare(
      `SELECT topic, partition, base, count, records FROM batches
       WHERE topic = ? AND partition = ? AND base >= coalesce((SELECT max(base) FROM batches
         WHERE topic = ? AND partition = ? AND base <= ?), 0) AND base + count > ?
       ORDER BY base LIMIT ?`,
    ),
    ends: db.prepare(
      `SELECT topic, partition, min(base) AS start, max(base + count) AS "end" FROM batches
       WHERE topic = ? GROUP BY topic, partition`,
    ),
    commit: db.prepare(
      `INSERT INTO positions (grp, topic, partition, offset, note) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET offset = excluded.offset, note = excluded.note`,
    ),
    positions: db.prepare(
      `SELECT grp AS "group", topic, partition, offset, note FROM positions WHERE grp = ? AND topic = ?`,
    ),
    // The newest batch of a partition stays: it holds the next offset.
    retain: db.prepare(
      `DELETE FROM batches WHERE rowid IN (SELECT rowid FROM batches AS b
         WHERE topic = ? AND partition = ? AND base + count <= ? AND at_ms < ?
           AND base < (SELECT max(base) FROM batches AS n
                       WHERE n.topic = b.topic AND n.partition = b.partition)
         ORDER BY base LIMIT ?)`,
    ),
  };
}

/** Fewer partitions than before would leave records that nobody reads. */
function keepPartitions(db: DatabaseSync, partitions: number): void {
  const stored = db.prepare(`SELECT value FROM settings WHERE name = 'partitions'`).get();
  const before = Number(stored?.value ?? 0);
  if (before > partitions) {
    throw new Misuse(
      `PARTITIONS=${partitions}: the journal has ${before} partitions; allowed is ${before} or more`,
    );
  }
  db.prepare(`INSERT OR REPLACE INTO settings VALUES ('partitions', ?)`).run(partitions);
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

function runCheckpoints(): void {
  const db = new DatabaseSync(settings.path);
  db.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
  const pageBytes = Number(db.prepare('PRAGMA page_size').get()!['page_size']);
  const passive = db.prepare('PRAGMA wal_checkpoint(PASSIVE)');
  const restart = db.prepare('PRAGMA wal_checkpoint(RESTART)');
  const timer = setInterval(() => {
    try {
      const row = passive.get() as { log: number } | undefined;
      if ((row?.log ?? 0) * pageBytes < RESTART_BYTES) return;
      // Under constant load a passive checkpoint never reaches the end, and the log would grow for
      // ever. What a second one leaves over is short, so holding the writer for it costs little.
      passive.get();
      restart.get();
    } catch {
      // Busy or out of disk: the journal thread meets the same and reports it; try again.
    }
  }, CHECKPOINT_INTERVAL_MS);
  port.on('message', () => {
    clearInterval(timer);
    db.close();
    port.postMessage('closed');
  });
  port.postMessage({ opened: true, partitions: settings.partitions } satisfies JournalOpened);
}
