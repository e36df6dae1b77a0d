/** Everything under /api/outcomes: lists, sums and menus, by the same filters. */
import type { Context } from 'hono';
import type { Clock } from '#shared/service.ts';
import type { Warehouse } from '#shared/warehouse/warehouse.ts';
import {
  dailyAnswers,
  DAY_MS,
  DAYS_MAX,
  isoTime,
  seriesAnswers,
  statsAnswer,
  winnerAnswer,
} from './answers.ts';
import type { Query } from './conditions.ts';
import { writeCursor } from './cursor.ts';
import { csvStream } from './export.ts';
import { facetQuery, type FacetRow, FACETS, type MenusAnswer } from './facets.ts';
import {
  type OutcomeFilters,
  type Page,
  parseFilters,
  parseFiltersAndPage,
  parseFiltersAndStep,
  parseListing,
} from './filters.ts';
import { listOutcomes, sortValue } from './listing.ts';
import { outcomeAnswer } from './outcome-fields.ts';
import {
  type DailyRow,
  dailyStats,
  isCapped,
  outcomeStats,
  outcomeTotal,
  type StatsRow,
  TOTAL_MAX,
  type WinnerRow,
  winnerSummary,
} from './queries.ts';
import { RecentAnswers } from './recent-answers.ts';
import { queryOf, refused } from './refusals.ts';
import { planSeries, seriesQuery, type SeriesRow, withSpan } from './series.ts';
import { NEWEST_FIRST } from './sorting.ts';

export interface OutcomeRoutesDependencies {
  warehouse: Warehouse;
  clock: Clock;
  onError(error: unknown, where: { stage: 'analytics' }): void;
}

/** @param route adds a GET route. */
export function addOutcomeRoutes(
  route: (path: string, answer: (c: Context) => Response | Promise<Response>) => void,
  dependencies: OutcomeRoutesDependencies,
): void {
  const routes = new OutcomeRoutes(dependencies);
  route('/api/outcomes', (c) => routes.list(c));
  route('/api/outcomes.csv', (c) => routes.csv(c));
  route('/api/outcomes/stats', (c) => routes.stats(c));
  route('/api/outcomes/series', (c) => routes.series(c));
  route('/api/outcomes/facets', (c) => routes.facets(c));
  route('/api/outcomes/winners', (c) => routes.winners(c));
  route('/api/outcomes/daily_stats', (c) => routes.dailyStats(c));
}

class OutcomeRoutes {
  readonly #on: OutcomeRoutesDependencies;
  readonly #menus: RecentAnswers<MenusAnswer>;

  constructor(dependencies: OutcomeRoutesDependencies) {
    const { clock, onError } = dependencies;
    this.#on = dependencies;
    this.#menus = new RecentAnswers<MenusAnswer>(
      clock,
      (error) => onError(error, { stage: 'analytics' }),
      // The first imps of a new exchange show at once.
      ({ seats, campaigns, sites }) => [...seats, ...campaigns, ...sites].length > 0,
    );
  }

  async list(c: Context): Promise<Response> {
    const parsed = parseListing(queryOf(c));
    if (!parsed.ok) return refused(parsed.problem);
    return c.json(await this.#page(parsed.value.filters, parsed.value.page));
  }

  /** Streamed: the first row leaves before the last is read. */
  async csv(c: Context): Promise<Response> {
    const parsed = parseFilters(queryOf(c));
    if (!parsed.ok) return refused(parsed.problem);
    // One span for all pages: rows that come meanwhile would not be in the first of them.
    const now = this.#on.clock.now();
    const body = await csvStream(
      (limit, after) => listOutcomes(this.#ask, parsed.value, { limit, after }, now),
      (error) => this.#on.onError(error, { stage: 'analytics' }),
    );
    return new Response(body, {
      headers: {
        'content-type': 'text/csv; charset=utf-8; header=present',
        'content-disposition': 'attachment; filename="outcomes.csv"',
      },
    });
  }

  /** Won imps, and on the first page who won most. */
  async winners(c: Context): Promise<Response> {
    const parsed = parseFiltersAndPage(queryOf(c));
    if (!parsed.ok) return refused(parsed.problem);
    const { page } = parsed.value;
    const filters = { ...parsed.value.filters, winStatus: 'won' } as const;
    if (parsed.value.filters.winStatus === 'no_bid') {
      return refused({ field: 'win_status', value: 'no_bid', allowed: 'won' });
    }
    const [answer, summary] = await Promise.all([
      this.#page(filters, page),
      page.after ? null : this.#ask<WinnerRow>(winnerSummary(filters)),
    ]);
    return c.json({ ...answer, summary: summary?.map(winnerAnswer) ?? null });
  }

  async stats(c: Context): Promise<Response> {
    const parsed = parseFilters(queryOf(c));
    if (!parsed.ok) return refused(parsed.problem);
    const [row] = await this.#ask<StatsRow>(outcomeStats(parsed.value));
    return c.json(statsAnswer(row!, parsed.value));
  }

  async dailyStats(c: Context): Promise<Response> {
    const parsed = parseFilters(queryOf(c));
    if (!parsed.ok) return refused(parsed.problem);
    const filters = parsed.value;
    const now = this.#on.clock.now();
    if (filters.sinceMs !== undefined) {
      const days = ((filters.untilMs ?? now) - filters.sinceMs) / DAY_MS;
      const allowed = `at most ${DAYS_MAX} days before until`;
      if (days > DAYS_MAX) {
        return refused({ field: 'since', value: c.req.query('since')!, allowed });
      }
    }
    const rows = await this.#ask<DailyRow>(dailyStats(filters));
    const first = rows[0] && Date.parse(rows[0].utc_day);
    if (filters.sinceMs === undefined && filters.untilMs !== undefined && first !== undefined) {
      const days = (filters.untilMs - first) / DAY_MS;
      const allowed = `at most ${DAYS_MAX} days after the first with traffic`;
      if (days > DAYS_MAX) {
        return refused({ field: 'until', value: c.req.query('until')!, allowed });
      }
    }
    return c.json({ results: dailyAnswers(rows, filters, now) });
  }

  async series(c: Context): Promise<Response> {
    const parsed = parseFiltersAndStep(queryOf(c));
    if (!parsed.ok) return refused(parsed.problem);
    const planned = planSeries(parsed.value.filters, parsed.value.step, this.#on.clock.now());
    if (!planned.ok) return refused(planned.problem);
    const { fields } = parsed.value;
    const { filters: { sinceMs, untilMs }, step, starts } = planned.plan;
    const rows = await this.#ask<SeriesRow>(seriesQuery(planned.plan, fields));
    return c.json({
      since: isoTime(sinceMs),
      until: isoTime(untilMs),
      step,
      results: seriesAnswers(rows, starts, fields),
    });
  }

  async facets(c: Context): Promise<Response> {
    const parsed = parseFilters(queryOf(c));
    if (!parsed.ok) return refused(parsed.problem);
    const asked = JSON.stringify(parsed.value);
    return c.json(await this.#menus.get(asked, () => this.#makeMenus(parsed.value)));
  }

  async #makeMenus(asked: OutcomeFilters): Promise<MenusAnswer> {
    const filters = withSpan(asked, this.#on.clock.now());
    const menu = (name: keyof typeof FACETS): Promise<FacetRow[]> =>
      this.#ask<FacetRow>(facetQuery(filters, FACETS[name]));
    const [seats, campaigns, sites] = await Promise.all([
      menu('seats'),
      menu('campaigns'),
      menu('sites'),
    ]);
    return {
      since: isoTime(filters.sinceMs),
      until: isoTime(filters.untilMs),
      seats,
      campaigns,
      sites,
    };
  }

  async #page(filters: OutcomeFilters, page: Page) {
    const sorting = page.sorting ?? NEWEST_FIRST;
    // One row more than asked for tells whether there is another page.
    const wanted = { ...page, limit: page.limit + 1 };
    const [[count], rows] = await Promise.all([
      this.#ask<{ total: number }>(outcomeTotal(filters)),
      listOutcomes(this.#ask, filters, wanted, this.#on.clock.now()),
    ]);
    const last = rows.length > page.limit ? rows[page.limit - 1] : undefined;
    const capped = isCapped(filters, count!.total);
    return {
      total: capped ? TOTAL_MAX : count!.total,
      total_at_least: capped,
      results: rows.slice(0, page.limit).map((row) => outcomeAnswer(row, page.fields)),
      next: last
        ? writeCursor(last.auction_id, last.imp_id, sorting, sortValue(last, sorting))
        : null,
    };
  }

  readonly #ask = <Row>({ sql, params }: Query): Promise<Row[]> =>
    this.#on.warehouse.query<Row>(sql, params);
}
