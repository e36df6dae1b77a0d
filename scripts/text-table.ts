/**
 * Rows as aligned text, the first of them the head. A column whose cells are numbers stands to the
 * right.
 */
export function textTable(rows: readonly (readonly string[])[]): string {
  const [head = [], ...body] = rows;
  const widths = head.map((_, at) => Math.max(...rows.map((row) => (row[at] ?? '').length)));
  const isNumber = head.map((_, at) => body.some((row) => /^(! )?[\d,.]+$/.test(row[at] ?? '')));
  return rows.map((row) =>
    row.map((cell, at) => isNumber[at] ? cell.padStart(widths[at]!) : cell.padEnd(widths[at]!))
      .join('  ').trimEnd()
  ).join('\n');
}
