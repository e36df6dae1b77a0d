import type { ChaosRow } from './chaos.ts';

/** As docs/reliability.md has it. */
export function chaosTable(rows: readonly ChaosRow[], seed: number): string {
  const cells = [
    ['fault', 'times', 'auctions', 'answered', 'violations'],
    ...rows.map(({ fault, tries, auctions, answered, violations }) => [
      fault,
      ...[tries, auctions, answered, violations.length].map((n) => n.toLocaleString('en-US')),
    ]),
  ];
  const widths = cells[0]!.map((_, column) => Math.max(...cells.map((row) => row[column]!.length)));
  const line = (row: readonly string[]): string => {
    const padded = row.map((cell, column) =>
      column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)
    );
    return `| ${padded.join(' | ')} |`;
  };
  const rule = widths.map((width, column) =>
    column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`
  );
  const [head, ...body] = cells as [string[], ...string[][]];
  return [`Seed ${seed}:`, '', line(head), line(rule), ...body.map(line)].join('\n');
}
