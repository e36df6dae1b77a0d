/** The requests of the dashboard's pages, each with parameters that differ from run to run. */
import { OUTCOMES } from '#shared/warehouse/tables.ts';
import type { Warehouse } from '#shared/warehouse/warehouse.ts';
import { writeCursor } from '../services/analytics/cursor.ts';
import { pageQuery } from '../web/src/lib/filters.ts';
import { campaignName, DAYS, SEATS, siteName, userName, USERS } from './queries-data.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** As the page asks: 25 rows, more as it is scrolled, with what they show. */
const PAGE = pageQuery({}, 0, { limit: 25 }).toString();
/** Rows to open and to go on from, spread over all days. */
const PLACES = 32;

export interface PageQuery {
  name: string;
  /** The request of run `n`. */
  path(n: number): string;
}

interface Place {
  auction_id: string;
  imp_id: string;
}

/** @param nowMs the end of the data. */
export async function makePageQueries(
  warehouse: Warehouse,
  get: (path: string) => Promise<Response>,
  nowMs: number,
): Promise<PageQuery[]> {
  const places = await somePlaces(warehouse, nowMs);
  const place = (n: number): Place => places[n % places.length]!;
  const seat = (n: number): string => SEATS[n % SEATS.length]!;
  const campaign = (n: number): string => campaignName(seat(n), 1 + n % 4);
  const user = (n: number): string => userName(1 + notScattered((n * 7919) % USERS));
  const midnight = Math.floor(nowMs / DAY_MS) * DAY_MS;
  const list = (name: string, filters: (n: number) => string): PageQuery => ({
    name: `/auctions, ${name}`,
    path: (n) => `/api/outcomes/?${PAGE}&${filters(n)}`,
  });
  const sites = [['a popular', 3], ['a middling', 300], ['a rare', 3_000]] as const;
  const sorted = await Promise.all(
    ['price', 'bid', 'floor', 'answer_ms', 'bids'].flatMap((sort) =>
      ['desc', 'asc'].map(async (order) => {
        const query = `sort=${sort}&order=${order}`;
        const answer = await get(`/api/outcomes/?${PAGE}&${query}`);
        const { next } = await answer.json() as { next: string };
        return { query, next };
      })
    ),
  );
  return [
    { name: '/, days of two weeks', path: (n) => days(midnight - (13 + n % 3) * DAY_MS) },
    { name: '/, days of a month', path: (n) => days(midnight - (28 + n % 3) * DAY_MS) },
    { name: '/, tiles of 24 hours', path: (n) => stats(`since=${nowMs - DAY_MS - n * 60_001}`) },
    { name: '/, tiles since an hour ago', path: (n) => stats(`since=${nowMs - HOUR_MS - n}`) },
    { name: '/, tiles of everything', path: () => stats('') },
    list('first page', () => ''),
    list('deep page', (n) => `cursor=${writeCursor(place(n).auction_id, place(n).imp_id)}`),
    list('oldest first', () => 'sort=time&order=asc'),
    list('a user', (n) => `user_id=${user(n)}`),
    list('a user whose auctions lie anywhere', (n) => `user_id=${userName(50 * (600 + n))}`),
    list('nobody', (n) => `user_id=nobody-${n}`),
    ...sites.map(([words, rank]) =>
      list(`${words} site`, (n) => `site_domain=${siteName(rank + n)}`)
    ),
    list('won', (n) => `win_status=won&until=${nowMs - n * HOUR_MS}`),
    list('not sold', (n) => `win_status=no_bid&until=${nowMs - n * HOUR_MS}`),
    list('without a profile', (n) => `enriched=false&until=${nowMs - n * HOUR_MS}`),
    list('a seat', (n) => `seat=${seat(n)}&until=${nowMs - n * HOUR_MS}`),
    list('a campaign', (n) => `campaign=${campaign(n)}`),
    list(
      'prices',
      (n) => `min_price=${(1 + n / 50).toFixed(2)}&max_price=${(2 + n / 50).toFixed(2)}`,
    ),
    list('high prices', (n) => `min_price=${(9 + n / 50).toFixed(2)}`),
    list('a week', (n) => span(nowMs - (14 - n % 7) * DAY_MS - n, 7 * DAY_MS)),
    list('a user, won', (n) => `user_id=${user(n + 40)}&win_status=won`),
    list('a user and prices', (n) => `user_id=${user(n + 80)}&min_price=1.5`),
    list('a site and a seat', (n) => `site_domain=${siteName(200 + n)}&seat=${seat(n)}`),
    list(
      'a site and prices',
      (n) => `site_domain=${siteName(200 + n)}&min_price=${(1 + n / 50).toFixed(2)}`,
    ),
    list('a seat and prices', (n) => `seat=${seat(n)}&min_price=${(2 + n / 50).toFixed(2)}`),
    list('a seat in a week', (n) => `seat=${seat(n)}&${span(nowMs - 9 * DAY_MS - n, 7 * DAY_MS)}`),
    ...sorted.map(({ query }) => list(`by ${query}`, () => query)),
    ...sorted.map(({ query, next }) =>
      list(`by ${query}, second page`, () => `${query}&cursor=${next}`)
    ),
    list(
      'by price within a day',
      (n) => `sort=price&${span(nowMs - (2 + n) * DAY_MS, DAY_MS)}`,
    ),
    list('by price, a seat', (n) => `sort=price&seat=${seat(n)}&until=${nowMs - n * HOUR_MS}`),
    list('by price, a site', (n) => `sort=price&site_domain=${siteName(100 + n)}`),
    ...['', 'step=day&'].flatMap((step) =>
      ['', 'seat', 'site', 'user'].map((filter): PageQuery => ({
        name: `/auctions, chart of ${step ? 'a month' : 'a day'}${filter && ` of a ${filter}`}`,
        path: (n) =>
          `/api/outcomes/series?${step}since=${nowMs - (step ? DAYS : 1) * DAY_MS + n * HOUR_MS}` +
          (filter === 'seat' ? `&seat=${seat(n)}` : '') +
          (filter === 'site' ? `&site_domain=${siteName(20 + n)}` : '') +
          (filter === 'user' ? `&user_id=${user(n + 120)}` : ''),
      }))
    ),
    {
      name: '/auctions, chart of a month of a seat, imps alone',
      path: (n) =>
        `/api/outcomes/series?step=day&since=${nowMs - DAYS * DAY_MS + n * HOUR_MS}` +
        `&seat=${seat(n)}&fields=time,impressions_offered,won`,
    },
    { name: '/auctions, menus, as the page asks', path: () => '/api/outcomes/facets' },
    { name: '/auctions, menus', path: (n) => `/api/outcomes/facets?until=${nowMs - n * HOUR_MS}` },
    {
      name: '/auctions, menus of a seat',
      path: (n) => `/api/outcomes/facets?seat=${seat(n)}&until=${nowMs - n * HOUR_MS}`,
    },
    { name: '/auctions/:id', path: (n) => `/api/auctions/${place(n).auction_id}` },
  ];
}

const days = (sinceMs: number): string => `/api/outcomes/daily_stats/?since=${sinceMs}`;
const stats = (query: string): string => `/api/outcomes/stats/?${query}`;
const span = (sinceMs: number, lengthMs: number): string =>
  `since=${sinceMs}&until=${sinceMs + lengthMs}`;
/** Every fiftieth user is one whose auctions lie anywhere. */
const notScattered = (n: number): number => n % 50 === 49 ? n - 1 : n;

async function somePlaces(warehouse: Warehouse, nowMs: number): Promise<Place[]> {
  const places: Place[] = [];
  for (let n = 0; n < PLACES; n++) {
    const timeMs = Math.floor(nowMs - (n + 0.5) * DAYS * DAY_MS / PLACES);
    places.push(
      ...await warehouse.query<Place>(
        `SELECT auction_id, imp_id FROM ${OUTCOMES}
         WHERE time >= fromUnixTimestamp64Milli({from:Int64}, 'UTC') ORDER BY time LIMIT 1`,
        { from: timeMs },
      ),
    );
  }
  return places;
}
