/**
 * Sums over many rows, cheap and exact. ClickHouse keeps them beside the rows as projections of the
 * table (`shared/warehouse/outcome-projections.ts`): by hour, by hour and who won, by day and site.
 * They are part of a part of the table, so they count exactly its rows, and it takes them wherever a
 * statement asks for whole hours (or days) in their words. Here a span is cut into its whole hours
 * and the two ragged ends, which are read row by row.
 */
import { MEASURES, MEASURES_BY } from '#shared/warehouse/outcome-projections.ts';
import { OUTCOMES } from '#shared/warehouse/tables.ts';
import { conditions, type Query, time } from './conditions.ts';
import type { OutcomeFilters } from './filters.ts';
import { type Grain, GRAINS } from './grains.ts';

/** What projections are kept by. */
type Unit = 'hour' | 'day';
type Measure = keyof typeof MEASURES;
export type Column = 'user_id' | 'site_domain' | 'publisher_id' | 'price_micros' | KeptColumn;
type KeptColumn = 'win_status' | 'enriched' | 'seat' | 'campaign_id';

/**
 * The measures of spans no longer than the grain, which begin at `start` (UTC): a statement to
 * select from. Auctions cost several times the rest together: `names` may leave them out.
 */
export function measures(
  filters: OutcomeFilters,
  grain: Grain = 'day',
  names: readonly Measure[] = Object.keys(MEASURES) as Measure[],
): Query {
  const list = names.map((name) => `${MEASURES[name]} AS ${name}`).join(', ');
  return sums(filters, [], list, grain);
}

/** As {@link measures}, for each value of `keys`, but only what `list` names in the projections' words. */
export function sums(
  filters: OutcomeFilters,
  keys: readonly Column[],
  list: string,
  grain: Grain = 'day',
): Query {
  const kept = unitOf(filters, keys);
  const unit = grain === 'day' || (grain === 'hour' && kept === 'hour') ? kept : undefined;
  const start = startOf(unit ?? (grain === 'minute' ? 'minute' : 'hour'));
  const group = ['start', ...keys].join(', ');
  const select = `SELECT ${[`${start} AS start`, ...keys].join(', ')}, ${list} FROM ${OUTCOMES}`;
  const parts = unit ? cut(filters, unit) : [conditions(filters)];
  return {
    sql: parts.map(({ where }) => `${select}${where}\nGROUP BY ${group}`).join('\nUNION ALL\n'),
    params: Object.assign({}, ...parts.map(({ params }) => params)),
  };
}

/** Answer times in whole ms (`ms`) and how many rows had each (`n`). */
export function answerTimes(filters: OutcomeFilters): Query {
  const select = `SELECT ${startOf('hour')} AS start, ${MEASURES_BY.answerMs} AS ms, count() AS n
FROM ${OUTCOMES}`;
  const parts = columnsOf(filters).length === 0 ? cut(filters, 'hour') : [conditions(filters)];
  return {
    sql: parts.map(({ where }) => `${select}${where}\nGROUP BY start, ms`).join('\nUNION ALL\n'),
    params: Object.assign({}, ...parts.map(({ params }) => params)),
  };
}

/** Whether a projection has these sums; otherwise they are made from the rows. */
export function isKept(filters: OutcomeFilters, keys: readonly Column[] = []): boolean {
  return unitOf(filters, keys) !== undefined;
}

/** A projection is kept by these very words, or it is not found. */
function startOf(grain: Grain): string {
  return GRAINS[grain].startOf('time');
}

function unitOf(
  filters: OutcomeFilters,
  keys: readonly Column[],
): Unit | undefined {
  const columns = [...columnsOf(filters), ...keys];
  const within = (kept: readonly Column[]): boolean => columns.every((name) => kept.includes(name));
  if (within(MEASURES_BY.hour)) return 'hour';
  return within(MEASURES_BY.day) ? 'day' : undefined;
}

function columnsOf(filters: OutcomeFilters): Column[] {
  const columns: Record<Column, unknown> = {
    user_id: filters.userId,
    site_domain: filters.siteDomain,
    publisher_id: filters.publisherId,
    price_micros: filters.minPriceMicros ?? filters.maxPriceMicros,
    win_status: filters.winStatus,
    enriched: filters.enriched,
    seat: filters.seat,
    campaign_id: filters.campaign,
  };
  return (Object.keys(columns) as Column[]).filter((name) => columns[name] !== undefined);
}

/** The filters as one to three conditions that exclude each other: the whole units, and the ends. */
function cut(filters: OutcomeFilters, unit: Unit) {
  const { sinceMs, untilMs, ...rest } = filters;
  const length = GRAINS[unit].ms;
  const first = sinceMs === undefined ? undefined : Math.ceil(sinceMs / length) * length;
  const last = untilMs === undefined ? undefined : Math.floor(untilMs / length) * length;
  // Within one unit, or from the end of one to the begin of the next: no whole one.
  if (first !== undefined && last !== undefined && first >= last) return [conditions(filters)];
  const whole = conditions(rest);
  const start = startOf(unit);
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
