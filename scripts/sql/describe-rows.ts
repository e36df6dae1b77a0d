import { shapeOf } from '#shared/warehouse/statement.ts';

/** How many rows a statement answered or wrote; the engine does not count those of INSERT … SELECT. */
export function describeRows(statement: string, rows: number): string {
  if (rows === 0 && shapeOf(statement).selects) return 'Done';
  return `${rows} ${rows === 1 ? 'row' : 'rows'}`;
}
