/**
 * Kinds of work in a warehouse that do not wait for each other. A client of a server names its kind
 * in the setting `log_comment`: a ClickHouse server shows it in `system.query_log`, the `clickhouse`
 * stage gives the statement that lane of the engine. Whoever names nothing is a person with a
 * statement.
 */
export const LANES = ['inserts', 'reports', 'checks', 'statements'] as const;
export type Lane = (typeof LANES)[number];

const PREFIX = 'helios ';

export function commentOf(lane: Lane): string {
  return PREFIX + lane;
}

export function laneOf(comment: string | undefined): Lane {
  return LANES.find((lane) => comment === commentOf(lane)) ?? 'statements';
}
