import type { Count, Metrics, Observe } from '#shared/metrics.ts';

/** What is counted for one table. */
export interface TableCounts {
  rows: Count;
  /** From the first try of an insert to its success, in seconds. */
  seconds: Observe;
  retries: Count;
  repeated: Count;
  unreadable: Count;
  refused: Count;
  dropped: Count;
}

/** Registers the metrics once; the result binds them to a table. */
export function createTableCounts(metrics: Metrics): (table: string) => TableCounts {
  const count = (name: string, help: string) =>
    metrics.counter(`helios_warehouse_${name}_total`, help, ['table']);
  const rows = count('rows', 'Rows inserted');
  const retries = count('retries', 'Failed calls that were tried again');
  const repeated = count('repeated', 'Records that had come before and were left out');
  const unreadable = count('unreadable', 'Records no row could be made of');
  const refused = count('refused', 'Rows the table could not take and that were left out');
  const dropped = count('dropped', 'Details left out because the buffer was full');
  const seconds = metrics.latency(
    'helios_warehouse_insert_seconds',
    'Time of an insert, tries included',
    ['table'],
  );
  return (table) => ({
    rows: rows({ table }),
    seconds: seconds({ table }),
    retries: retries({ table }),
    repeated: repeated({ table }),
    unreadable: unreadable({ table }),
    refused: refused({ table }),
    dropped: dropped({ table }),
  });
}
