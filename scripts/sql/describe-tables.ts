/** The statements behind `\d` and `\d TABLE`. */

/** Undefined when the line is no such command. */
export function describeTables(line: string, database: string): string | undefined {
  const [command, name, ...rest] = line.trim().replace(/;$/, '').split(/\s+/);
  if (command !== '\\d' || rest.length > 0) return undefined;
  if (name === undefined) {
    return `SELECT name AS table, engine = 'View' ? 'view' : 'table' AS kind,
        ifNull(toString(total_rows), '') AS rows, ifNull(formatReadableSize(total_bytes), '') AS size, comment
      FROM system.tables WHERE database = ${quoted(database)} ORDER BY kind, name`;
  }
  const [inside, table] = name.includes('.') ? name.split('.', 2) : [database, name];
  return `SELECT name AS column, type, comment FROM system.columns
    WHERE database = ${quoted(inside!)} AND table = ${quoted(table!)} ORDER BY position`;
}

function quoted(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}
