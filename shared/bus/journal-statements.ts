/** What is asked of the journal's file. */
import type { DatabaseSync } from 'node:sqlite';

export function prepare(db: DatabaseSync) {
  return {
    begin: db.prepare('BEGIN IMMEDIATE'),
    commit: db.prepare('COMMIT'),
    partitions: db.prepare(`SELECT value FROM settings WHERE name = 'partitions'`),
    append: db.prepare(
      `INSERT INTO batches (topic, partition, base, count, at_ms, records)
       VALUES (?, ?, ?, ?, ?, CAST(? AS TEXT))`,
    ),
    // A blob stays one, whatever the column: so a reader tells the two apart.
    appendPacked: db.prepare(
      `INSERT INTO batches (topic, partition, base, count, at_ms, records)
       VALUES (?, ?, ?, ?, ?, ?)`,
    ),
    // From the batch that holds the offset on, if it is still kept.
    read: db.prepare(
      `SELECT topic, partition, base, count, records FROM batches
       WHERE topic = ? AND partition = ? AND base >= coalesce((SELECT max(base) FROM batches
         WHERE topic = ? AND partition = ? AND base <= ?), 0) AND base + count > ?
       ORDER BY base LIMIT ?`,
    ),
    oldest: db.prepare(
      `SELECT base, at_ms FROM batches WHERE topic = ? AND partition = ? ORDER BY base LIMIT 1`,
    ),
    newest: db.prepare(
      `SELECT base + count AS "end" FROM batches WHERE topic = ? AND partition = ?
       ORDER BY base DESC LIMIT 1`,
    ),
    position: db.prepare(
      `INSERT INTO positions (grp, topic, partition, offset, note) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET offset = excluded.offset, note = excluded.note`,
    ),
    positions: db.prepare(
      `SELECT grp AS "group", topic, partition, offset, note FROM positions WHERE grp = ? AND topic = ?`,
    ),
    // NULL where no group has a position.
    unread: db.prepare(
      `SELECT min(offset) AS offset FROM positions WHERE topic = ? AND partition = ?`,
    ),
    // Looks at the oldest batches only: to ask all of them for their age took a second a second after
    // some minutes of load. The newest batch of a partition stays: it holds the next offset.
    retain: db.prepare(
      `DELETE FROM batches WHERE rowid IN (
         SELECT rowid FROM (SELECT rowid, base, count, at_ms FROM batches
           WHERE topic = ? AND partition = ? ORDER BY base LIMIT ?)
         WHERE base + count <= ? AND at_ms < ?
           AND base < (SELECT max(base) FROM batches WHERE topic = ? AND partition = ?))`,
    ),
  };
}
