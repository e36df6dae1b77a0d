/**
 * One span for each insert, as a trace of its own: it comes a second after the auctions, and is about
 * thousands of them. It names those whose traces are kept.
 */
import type { Envelope } from '#shared/model/events.ts';
import { isSampled, type Tracer } from '#shared/trace.ts';
import type { Batch } from './batch.ts';

export interface InsertTrace {
  /** A record of the batch. */
  note(batch: Batch, record: Envelope): void;
  /** Does the work, which ends when the warehouse has the batch. */
  around(batch: Batch, insert: () => Promise<void>): Promise<void>;
}

/** @param table `database.table` */
export function createInsertTrace(tracer: Tracer, table: string): InsertTrace {
  const [namespace, collection] = table.split('.') as [string, string];
  const kept = new WeakMap<Batch, string[]>();
  return {
    note(batch, { traceparent }) {
      if (!isSampled(traceparent)) return;
      const links = kept.get(batch);
      if (links) links.push(traceparent);
      else kept.set(batch, [traceparent]);
    },
    async around(batch, insert) {
      const links = kept.get(batch);
      if (!links) return await insert();
      const done = insert();
      tracer.batch(`INSERT ${collection}`, links, {
        kind: 'client',
        attributes: {
          'db.system.name': 'clickhouse',
          'db.namespace': namespace,
          'db.collection.name': collection,
          'db.operation.name': 'INSERT',
          'db.operation.batch.size': batch.count,
          'helios.insert.token': batch.token(),
        },
      }).until(done);
      await done;
    },
  };
}
