/** The filters of the outcome routes, read from a query string. Nothing unknown or unreadable passes. */
import { cpmToMicros, MICROS_PER_CPM, PRICE_MICROS_MAX } from '#shared/model/money.ts';
import { ID_LENGTH_MAX } from '#shared/model/openrtb-checks.ts';
import { type Keyset, readCursor } from './cursor.ts';
import { OUTCOME_FIELDS, type OutcomeField } from './outcome-fields.ts';
import { parse, type Parsed, type Read as ReadOf, readNames } from './parameters.ts';
import { SERIES_FIELDS, type SeriesField } from './series-fields.ts';
import { type Order, ORDERS, type Sort, type Sorting, SORTS } from './sorting.ts';

export interface OutcomeFilters {
  /** The publisher's own id of the request; another publisher may have the same. */
  requestId?: string;
  userId?: string;
  siteDomain?: string;
  winStatus?: 'won' | 'no_bid';
  enriched?: boolean;
  /** Prices paid; with one of them only won imps are meant. */
  minPriceMicros?: number;
  maxPriceMicros?: number;
  /** Epoch ms, inclusive. */
  sinceMs?: number;
  /** Epoch ms, exclusive. */
  untilMs?: number;
  seat?: string;
  campaign?: string;
  publisherId?: string;
}

export interface Page {
  limit: number;
  /** Newest first without it. */
  sorting?: Sorting;
  /** Rows behind this one in that order. */
  after?: Keyset;
  /** All without it. */
  fields?: readonly OutcomeField[];
}

/** Lengths of the buckets of a series; `auto` takes the one that suits the span. */
const STEPS = ['auto', 'minute', 'hour', 'day', 'month'] as const;
export type Step = typeof STEPS[number];

const LIMIT_DEFAULT = 50;
/** A page of 500 rows is about 250 kB of JSON. */
const LIMIT_MAX = 500;
/** Longest text that is compared with a column: requests with longer ones are refused. */
const TEXT_LENGTH_MAX = ID_LENGTH_MAX;
/** Later times are mistakes, and the hours that sums are kept by end in 2106: they have 32 bits. */
const TIME_MS_MAX = Date.UTC(2100, 0);
/** March 1973. But for 0, smaller numbers are meant otherwise: seconds, or a date without its dashes. */
const MS_MIN = 100_000_000_000;

const FILTER_NAMES = [
  'request_id',
  'user_id',
  'site_domain',
  'win_status',
  'enriched',
  'min_price',
  'max_price',
  'since',
  'until',
  'seat',
  'campaign',
  'publisher_id',
] as const;
const PAGE_NAMES = ['limit', 'cursor'] as const;
const SORT_NAMES = ['sort', 'order'] as const;
type Name =
  | typeof FILTER_NAMES[number]
  | typeof PAGE_NAMES[number]
  | typeof SORT_NAMES[number]
  | 'step'
  | 'fields';
type Read = ReadOf<Name>;

/** All names, so that what reads some of them can be given any of their sets. */
function parseNamed<T>(
  query: URLSearchParams,
  names: readonly Name[],
  build: (read: Read) => T,
): Parsed<T> {
  return parse(query, names, build);
}

/** Filters alone. */
export function parseFilters(query: URLSearchParams): Parsed<OutcomeFilters> {
  return parseNamed(query, FILTER_NAMES, readFilters);
}

/** Filters and the page asked for. */
export function parseFiltersAndPage(
  query: URLSearchParams,
): Parsed<{ filters: OutcomeFilters; page: Page }> {
  return parseNamed(query, [...FILTER_NAMES, ...PAGE_NAMES], (read) => ({
    filters: readFilters(read),
    page: {
      limit: readLimits(read),
      after: read('cursor', 'what an answer gave as "next"', (text) => readCursor(text)),
    },
  }));
}

/** Filters, order, and the page and fields asked for. */
export function parseListing(
  query: URLSearchParams,
): Parsed<{ filters: OutcomeFilters; page: Page }> {
  return parseNamed(query, [...FILTER_NAMES, ...SORT_NAMES, ...PAGE_NAMES, 'fields'], (read) => {
    const filters = readFilters(read);
    const sorting = readSorting(read);
    const allowed = 'what an answer gave as "next" under the same sort and order';
    const after = read('cursor', allowed, (text) => readCursor(text, sorting));
    const fields = readFields(read, OUTCOME_FIELDS);
    return { filters, page: { limit: readLimits(read), sorting, after, fields } };
  });
}

/** Filters, the length of the buckets and the fields asked for. */
export function parseFiltersAndStep(
  query: URLSearchParams,
): Parsed<{ filters: OutcomeFilters; step: Step; fields?: readonly SeriesField[] }> {
  return parseNamed(query, [...FILTER_NAMES, 'step', 'fields'], (read) => ({
    filters: readFilters(read),
    step: read('step', `one of ${STEPS.join(', ')}`, (text) => oneOf(STEPS, text)) ?? 'auto',
    fields: readFields(read, SERIES_FIELDS),
  }));
}

/** For routes without parameters. */
export function parseNothing(query: URLSearchParams): Parsed<undefined> {
  return parseNamed(query, [], () => undefined);
}

function readFilters(read: Read): OutcomeFilters {
  const text = `text of 1 to ${TEXT_LENGTH_MAX} characters`;
  const price = `a decimal CPM from 0 to ${PRICE_MICROS_MAX / MICROS_PER_CPM}, such as 1.25`;
  const time = 'an ISO 8601 time such as 2026-11-28T10:00Z, from 1970 to 2100, ' +
    'UTC where it names no zone, or ms (not seconds) since 1970';
  const sinceMs = read('since', time, readTime);
  const minPriceMicros = read('min_price', price, readPrice);
  return {
    requestId: read('request_id', text, readText),
    userId: read('user_id', text, readText),
    siteDomain: read('site_domain', text, readText),
    winStatus: read('win_status', 'won or no_bid', readWinStatus),
    enriched: read('enriched', 'true or false', readBoolean),
    minPriceMicros,
    maxPriceMicros: read(
      'max_price',
      `${price}, not below min_price`,
      (value) => atLeast(readPrice(value), minPriceMicros ?? 0),
    ),
    sinceMs,
    untilMs: read(
      'until',
      `${time}; later than since`,
      (value) => atLeast(readTime(value), (sinceMs ?? -1) + 1),
    ),
    seat: read('seat', text, readText),
    campaign: read('campaign', text, readText),
    publisherId: read('publisher_id', text, readText),
  };
}

function readLimits(read: Read): number {
  return read('limit', `a whole number from 1 to ${LIMIT_MAX}`, readLimit) ?? LIMIT_DEFAULT;
}

function readFields<Field extends string>(
  read: Read,
  fields: readonly Field[],
): readonly Field[] | undefined {
  const allowed = `some of ${fields.join(',')}, with commas between`;
  return read('fields', allowed, (text) => readNames(text, fields));
}

function readSorting(read: Read): Sorting {
  const sort: Sort | undefined = read(
    'sort',
    `one of ${SORTS.join(', ')}`,
    (text) => oneOf(SORTS, text),
  );
  const order: Order | undefined = read('order', 'asc or desc', (text) => oneOf(ORDERS, text));
  return { sort: sort ?? 'time', order: order ?? 'desc' };
}

function oneOf<T extends string>(allowed: readonly T[], text: string): T | undefined {
  return allowed.find((value) => value === text);
}

function atLeast(value: number | undefined, least: number): number | undefined {
  return value !== undefined && value >= least ? value : undefined;
}

function readText(text: string): string | undefined {
  return text.length > 0 && text.length <= TEXT_LENGTH_MAX ? text : undefined;
}

function readWinStatus(text: string): 'won' | 'no_bid' | undefined {
  return text === 'won' || text === 'no_bid' ? text : undefined;
}

function readBoolean(text: string): boolean | undefined {
  return text === 'true' ? true : text === 'false' ? false : undefined;
}

function readLimit(text: string): number | undefined {
  const limit = Number(text);
  return /^\d{1,3}$/.test(text) && limit >= 1 && limit <= LIMIT_MAX ? limit : undefined;
}

function readPrice(text: string): number | undefined {
  if (!/^\d{1,7}(\.\d{1,6})?$/.test(text)) return undefined;
  const micros = cpmToMicros(Number(text));
  return micros <= PRICE_MICROS_MAX ? micros : undefined;
}

const ISO_TIME =
  /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?<zone>Z|[+-]\d{2}:\d{2})?)?$/;

/** Epoch ms. A time without a zone is UTC, where JavaScript would take the machine's. */
function readTime(text: string): number | undefined {
  let ms = NaN;
  if (/^\d{1,15}$/.test(text)) {
    ms = Number(text);
    if (ms !== 0 && ms < MS_MIN) return undefined;
  } else {
    // An unescaped plus sign arrives as a space.
    const iso = text.replace(' ', '+');
    const match = ISO_TIME.exec(iso);
    if (match && isDay(iso.slice(0, 10))) {
      ms = Date.parse(match.groups!.zone || !iso.includes('T') ? iso : `${iso}Z`);
    }
  }
  return ms >= 0 && ms <= TIME_MS_MAX ? ms : undefined;
}

/** JavaScript takes the 30th of February for the 2nd of March. */
function isDay(text: string): boolean {
  const ms = Date.parse(text);
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(text);
}
