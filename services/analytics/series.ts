/** Outcomes over time, for a chart: few enough points for any screen, whatever the span. */
import type { Query } from './conditions.ts';
import type { OutcomeFilters, Step } from './filters.ts';
import { type Grain, GRAINS } from './grains.ts';
import type { ParameterProblem } from './parameters.ts';
import { type Measures, summed } from './queries.ts';
import { measures } from './roll-ups.ts';
import { SERIES_FIELDS, type SeriesField, sumsBehind } from './series-fields.ts';

/** More than a small chart has room for. */
const BUCKETS_MAX = 400;
/** What is shown where the reader says no `since`. */
const SPAN_DEFAULT_MS = 86_400_000;
const SHORTEST_FIRST = Object.keys(GRAINS) as readonly Grain[];

/** With the sums the fields need. */
export interface SeriesRow extends Partial<Measures> {
  /** UTC begin of the bucket, epoch ms. */
  start_ms: number;
}

/** A span with both ends, and the length of its buckets. */
export interface SeriesPlan {
  filters: OutcomeFilters & { sinceMs: number; untilMs: number };
  step: Grain;
  /** Begins of the buckets, epoch ms; the first may lie before the span. */
  starts: number[];
}

/** The filters with an end (now) and a begin (a day before). */
export function withSpan(filters: OutcomeFilters, now: number): SeriesPlan['filters'] {
  const untilMs = filters.untilMs ?? Math.max(now, (filters.sinceMs ?? 0) + 1);
  return {
    ...filters,
    untilMs,
    sinceMs: filters.sinceMs ?? Math.max(0, untilMs - SPAN_DEFAULT_MS),
  };
}

/** How to cut the span, or why it cannot be cut so: `auto` takes the shortest step that fits. */
export function planSeries(
  filters: OutcomeFilters,
  step: Step,
  now: number,
): { ok: true; plan: SeriesPlan } | { ok: false; problem: ParameterProblem } {
  const span = withSpan(filters, now);
  const fits = (grain: Grain): boolean => startsOf(span, grain).length <= BUCKETS_MAX;
  const chosen = step === 'auto' ? SHORTEST_FIRST.find(fits) : step;
  if (chosen === undefined || !fits(chosen)) {
    const allowed = `a step that gives at most ${BUCKETS_MAX} buckets from since to until`;
    return { ok: false, problem: { field: 'step', value: step, allowed } };
  }
  return { ok: true, plan: { filters: span, step: chosen, starts: startsOf(span, chosen) } };
}

/** Buckets with traffic, oldest first, with what the fields need. */
export function seriesQuery(
  { filters, step }: SeriesPlan,
  fields: readonly SeriesField[] = SERIES_FIELDS,
): Query {
  const names = sumsBehind(fields);
  const { sql, params } = measures(filters, step, names);
  return {
    sql: `SELECT toUnixTimestamp(${GRAINS[step].startOf('start')}) * 1000 AS start_ms, ${
      summed(names)
    }
FROM (${sql})
GROUP BY start_ms ORDER BY start_ms`,
    params,
  };
}

/** Begins of the buckets, and one too many where they are. */
function startsOf({ sinceMs, untilMs }: SeriesPlan['filters'], grain: Grain): number[] {
  const { begin, next } = GRAINS[grain];
  const starts: number[] = [];
  for (let at = begin(sinceMs); at < untilMs && starts.length <= BUCKETS_MAX; at = next(at)) {
    starts.push(at);
  }
  return starts;
}
