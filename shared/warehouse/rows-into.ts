/** An INSERT's words, whichever way its rows come. */

/** Where rows go, and how they are written: see `Warehouse.insert`. */
export interface RowsInto {
  table: string;
  columns: readonly string[] | undefined;
}

/** What stands around the source of the rows in an INSERT. */
export function insertText({ table, columns }: RowsInto): { head: string; format: string } {
  return columns
    ? { head: `INSERT INTO ${table} (${columns.join(', ')})`, format: 'FORMAT TabSeparatedRaw' }
    : { head: `INSERT INTO ${table}`, format: 'FORMAT JSONEachRow' };
}
