/**
 * Sums over many rows, cheap and exact. ClickHouse keeps them beside the rows as projections of the
 * table (`shared/warehouse/outcome-projections.ts`) by hour and who won. They are part of a part of
 * the table, so they count exactly its rows, and it takes them wherever a statement asks for whole
 * hours in their words. Here a span is cut into its whole hours and the two ragged ends, which are
 * read row by row. A site's sums are made from its rows, which lie together in another projection.
 */
import {
  AUCTIONS,
  auctionsBy,
  type FirstOf,
  MEASURES,
  MEASURES_BY,
} from '#shared/warehouse/outcome-projections.ts';
import { OUTCOMES } from '#shared/warehouse/tables.ts';
import { conditions, type Query, time } from './conditions.ts';
import { type Column, columnsOf } from './filter-columns.ts';
import type { OutcomeFilters } from './filters.ts';
import { type Grain, GRAINS, HOUR_MS } from './grains.ts';
import { rowConditions } from './together.ts';

type Measure = keyof typeof MEASURES | 'auctions';

/**
 * The measures: a statement to select from. With a grain, those of spans no longer than it, which
 * begin at `start` (UTC).
 */
export function measures(
  filters: OutcomeFilters,
  grain?: Grain,
  names: readonly Measure[] = ['auctions', ...Object.keys(MEASURES) as (keyof typeof MEASURES)[]],
): Query {
  const textOf = (name: Measure): string =>
    name === 'auctions' ? auctions(filters) : MEASURES[name];
  // Places begin anew with another log, so they are counted for each hour.
  const fine = isKept(filters) || grain === 'minute' ? grain : 'hour';
  return sums(filters, [], names.map((name) => `${textOf(name)} AS ${name}`).join(', '), fine);
}

/** As {@link measures}, for each value of `keys`, but only what `list` names in the projections' words. */
export function sums(
  filters: OutcomeFilters,
  keys: readonly Column[],
  list: string,
  grain?: Grain,
): Query {
  const kept = isKept(filters, keys) && grain !== 'minute';
  const parts = kept ? cut(filters) : [rowConditions(filters)];
  const start = grain && `${startOf(kept ? 'hour' : grain)} AS start`;
  const select = [start, ...keys, list].filter(Boolean).join(', ');
  const group = [...(grain ? ['start'] : []), ...keys].join(', ');
  // Without a group there would be a row of nothing too.
  const tail = group === '' ? 'HAVING count() > 0' : `GROUP BY ${group}`;
  return united(
    parts.map(({ where }) => `SELECT ${select} FROM ${OUTCOMES}${where}\n${tail}`),
    parts,
  );
}

/** Answer times in whole ms (`ms`) and how many rows had each (`n`). */
export function answerTimes(filters: OutcomeFilters): Query {
  const select = `SELECT ${MEASURES_BY.answerMs} AS ms, count() AS n\nFROM ${OUTCOMES}`;
  const parts = columnsOf(filters).length === 0 ? cut(filters) : [rowConditions(filters)];
  return united(parts.map(({ where }) => `${select}${where}\nGROUP BY ms`), parts);
}

/** Whether a projection has these sums; otherwise they are made from the rows. */
export function isKept(filters: OutcomeFilters, keys: readonly Column[] = []): boolean {
  const kept: readonly Column[] = MEASURES_BY.hour;
  return [...columnsOf(filters), ...keys].every((name) => kept.includes(name));
}

/** Where a price chooses the rows, the first of them in an auction is not known beforehand. */
function auctions(filters: OutcomeFilters): string {
  if (!isKept(filters)) return AUCTIONS;
  const { seat, campaign, winStatus } = filters;
  const of: FirstOf = seat !== undefined && campaign !== undefined
    ? 'seat_and_campaign'
    : campaign !== undefined
    ? 'campaign_id'
    : seat !== undefined
    ? 'seat'
    : winStatus !== undefined
    ? 'win_status'
    : 'any';
  return auctionsBy(of);
}

function united(texts: readonly string[], parts: readonly { params: Query['params'] }[]): Query {
  return {
    sql: texts.join('\nUNION ALL\n'),
    params: Object.assign({}, ...parts.map(({ params }) => params)),
  };
}

/** A projection is kept by these very words, or it is not found. */
function startOf(grain: Grain): string {
  return GRAINS[grain].startOf('time');
}

/** The filters as one to three conditions that exclude each other: the whole hours, and the ends. */
function cut(filters: OutcomeFilters) {
  const { sinceMs, untilMs, ...rest } = filters;
  const first = sinceMs === undefined ? undefined : Math.ceil(sinceMs / HOUR_MS) * HOUR_MS;
  const last = untilMs === undefined ? undefined : Math.floor(untilMs / HOUR_MS) * HOUR_MS;
  // Within one hour, or from the end of one to the begin of the next: no whole one.
  if (first !== undefined && last !== undefined && first >= last) return [conditions(filters)];
  const whole = conditions(rest);
  const start = startOf('hour');
  if (first !== undefined) {
    whole.add(`${start} >= toDateTime({first:UInt32}, 'UTC')`, { first: first / 1000 });
  }
  if (last !== undefined) {
    whole.add(`${start} < toDateTime({last:UInt32}, 'UTC')`, { last: last / 1000 });
  }
  const parts = [whole];
  if (sinceMs !== undefined && first! > sinceMs) {
    const begin = conditions({ ...rest, sinceMs });
    begin.add(`time < ${time('first_ms')}`, { first_ms: first });
    parts.push(begin);
  }
  if (untilMs !== undefined && last! < untilMs) {
    const end = conditions({ ...rest, untilMs });
    end.add(`time >= ${time('last_ms')}`, { last_ms: last });
    parts.push(end);
  }
  return parts;
}
