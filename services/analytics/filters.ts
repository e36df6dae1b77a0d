/** The filters of the outcome routes, read from a query string. Nothing unknown or unreadable passes. */
import { cpmToMicros, MICROS_PER_CPM, PRICE_MICROS_MAX } from '#shared/model/money.ts';
import { type Keyset, readCursor } from './cursor.ts';

export interface OutcomeFilters {
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
  /** Rows older than this one. */
  after?: Keyset;
}

/** Why a parameter is refused, in the terms of who sent it. */
export interface ParameterProblem {
  field: string;
  value: string;
  allowed: string;
}

const LIMIT_DEFAULT = 50;
/** A page of 500 rows is about 250 kB of JSON. */
const LIMIT_MAX = 500;
/** Longest text that is compared with a column: longer ones exist in no row. */
const TEXT_LENGTH_MAX = 512;
/** Times beyond the year 2200 are mistakes, and DateTime64 ends in 2299. */
const TIME_MS_MAX = Date.UTC(2200, 0);

const FILTER_NAMES = [
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
type Name = typeof FILTER_NAMES[number] | typeof PAGE_NAMES[number];

type Parsed<T> = { ok: true; value: T } | { ok: false; problem: ParameterProblem };

/** Filters alone. */
export function parseFilters(query: URLSearchParams): Parsed<OutcomeFilters> {
  return parse(query, FILTER_NAMES, readFilters);
}

/** Filters and the page asked for. */
export function parseFiltersAndPage(
  query: URLSearchParams,
): Parsed<{ filters: OutcomeFilters; page: Page }> {
  return parse(query, [...FILTER_NAMES, ...PAGE_NAMES], (read) => ({
    filters: readFilters(read),
    page: {
      limit: read('limit', `a whole number from 1 to ${LIMIT_MAX}`, readLimit) ?? LIMIT_DEFAULT,
      after: read('cursor', 'what an answer gave as "next"', readCursor),
    },
  }));
}

/** For routes without parameters. */
export function parseNothing(query: URLSearchParams): Parsed<undefined> {
  return parse(query, [], () => undefined);
}

/** Reads one parameter: undefined where it is not given, a thrown problem where it is not allowed. */
type Read = <T>(
  name: Name,
  allowed: string,
  reader: (text: string) => T | undefined,
) => T | undefined;

function parse<T>(
  query: URLSearchParams,
  names: readonly Name[],
  build: (read: Read) => T,
): Parsed<T> {
  for (const [field, value] of query) {
    if (!(names as readonly string[]).includes(field)) {
      const allowed = names.length > 0 ? `one of ${names.join(', ')}` : 'no parameter';
      return { ok: false, problem: { field, value, allowed } };
    }
    if (query.getAll(field).length > 1) {
      return { ok: false, problem: { field, value, allowed: 'once' } };
    }
  }
  try {
    const value = build((name, allowed, reader) => {
      const text = query.get(name);
      if (text === null) return undefined;
      const read = reader(text);
      if (read === undefined) throw new Refused({ field: name, value: text, allowed });
      return read;
    });
    return { ok: true, value };
  } catch (error) {
    if (error instanceof Refused) return { ok: false, problem: error.problem };
    throw error;
  }
}

/** Ends the reading at the first problem; never leaves this file. */
class Refused extends Error {
  readonly problem: ParameterProblem;
  constructor(problem: ParameterProblem) {
    super(`Cannot read ${problem.field}: allowed is ${problem.allowed}`);
    this.problem = problem;
  }
}

function readFilters(read: Read): OutcomeFilters {
  const text = `text of 1 to ${TEXT_LENGTH_MAX} characters`;
  const price = `a decimal CPM from 0 to ${PRICE_MICROS_MAX / MICROS_PER_CPM}, such as 1.25`;
  const time = 'an ISO 8601 time, UTC where it names no zone, or ms since 1970';
  const sinceMs = read('since', time, readTime);
  const minPriceMicros = read('min_price', price, readPrice);
  return {
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
  if (/^\d{1,15}$/.test(text)) ms = Number(text);
  else {
    // An unescaped plus sign arrives as a space.
    const iso = text.replace(' ', '+');
    const match = ISO_TIME.exec(iso);
    if (match) ms = Date.parse(match.groups!.zone || !iso.includes('T') ? iso : `${iso}Z`);
  }
  return ms >= 0 && ms <= TIME_MS_MAX ? ms : undefined;
}
