/** The row of one auction's details, as the stage that closed it writes and analytics stores it. */
import { auctionTimeText } from './auction-time.ts';
import type { AuctionTimes } from './auction-times.ts';
import type { AuctionRules, Envelope } from './events.ts';
import type { Explanation } from './explanation.ts';
import { jsonText } from './json-text.ts';
import { keptGroups } from './kept-bids.ts';
import { fateLists, groupLists, timesList } from './kept-lists.ts';
import type { BidRequest } from './openrtb.ts';
import { textOf } from './request-text.ts';

/** In the order of their values in a row. */
export const DETAIL_COLUMNS = [
  'auction_id',
  'time',
  'publisher_id',
  'user_id',
  'request',
  'groups',
  'fates',
  'profile',
  'rules',
  'salt',
  'missing',
  'times',
  'traceparent',
] as const;

/** The columns as texts; the nested parts are JSON, and `missing` is an array as ClickHouse writes it. */
export type DetailsRow = Record<(typeof DETAIL_COLUMNS)[number], string>;

/** Whose details they are. */
export interface DetailsOf extends Pick<Envelope, 'auctionId' | 'traceparent'> {
  publisherId: string;
  userId: string;
}

/**
 * The values of {@link DETAIL_COLUMNS} with tabs between, nothing escaped (TabSeparatedRaw), in pieces:
 * joined, it would be copied once more. JSON has no tabs and line feeds but between its words. What has a
 * text already is not serialised again, and ClickHouse stores the nested parts without reading them.
 * @throws {TypeError} when the auction id is none.
 */
export function detailRow(of: DetailsOf, explanation: Explanation): string[] {
  const { request, fates, profile, rules, salt, missing, times } = explanation;
  const { auctionId, traceparent } = of;
  const time = auctionTimeText(auctionId);
  const groups = jsonText(groupLists(keptGroups(explanation)));
  return [
    `${detailRowStart(auctionId)}${time}\t${inLine(of.publisherId)}\t${inLine(of.userId)}\t`,
    requestText(request),
    `\t${groups}\t${jsonText(fateLists(fates))}\t`,
    profile === undefined ? '' : knownText(profile),
    rulesText(rules, salt),
    `${arrayText(missing)}\t`,
    times ? timesText(times) : '',
    `\t${traceparent}`,
  ];
}

/** The row with these times instead of its own: what they end with is known later than the rest. */
export function withTimes(row: readonly string[], times: AuctionTimes): string[] {
  return row.with(TIMES_PIECE, timesText(times));
}
/** Counted from the end. */
const TIMES_PIECE = -2;

function timesText(times: AuctionTimes): string {
  return jsonText(timesList(times));
}

/** How the row of an auction begins. */
export function detailRowStart(auctionId: string): string {
  return `${auctionId}\t`;
}

/** @param row whole */
export function readDetailRow(row: string): DetailsRow {
  const values = row.split('\t');
  return Object.fromEntries(DETAIL_COLUMNS.map((name, i) => [name, values[i] ?? ''])) as DetailsRow;
}

/** @param row as earlier versions wrote it: an object, its nested parts objects and lists too */
export function formerDetailRow(row: Readonly<Record<string, unknown>>): string {
  return DETAIL_COLUMNS.map((name) => {
    const value = row[name] ?? '';
    if (name === 'missing') return arrayText(Array.isArray(value) ? value.map(String) : []);
    return typeof value === 'string' ? inLine(value) : jsonText(value);
  }).join('\t');
}

/** An escape may be half a character, see {@link jsonText}. */
function requestText(request: BidRequest): string {
  const text = textOf(request);
  return text === undefined || !isInLine(text) || text.includes('\\u') ? jsonText(request) : text;
}

/** Between tabs, the rules and the salt: the same for all auctions of a day. */
function rulesText(rules: AuctionRules, salt: Explanation['salt']): string {
  if (rules !== last.rules || salt !== last.salt) {
    last = { rules, salt, text: `\t${jsonText(rules)}\t${jsonText(salt)}\t` };
  }
  return last.text;
}
let last: Partial<Pick<Explanation, 'rules' | 'salt'>> & { text: string } = { text: '' };

/** The same objects for many auctions: the profiles of users that come again. */
const texts = new WeakMap<object, string>();

function knownText(value: object): string {
  let text = texts.get(value);
  if (text === undefined) texts.set(value, text = jsonText(value));
  return text;
}

function arrayText(names: readonly string[]): string {
  if (names.length === 0) return '[]';
  const items = names.map((name) => `'${inLine(name).replace(/[\\']/g, '\\$&')}'`);
  return `[${items.join(',')}]`;
}

/** The names in an array as ClickHouse writes it. */
export function readArray(text: string): string[] {
  return Array.from(text.matchAll(/'((?:[^\\']|\\.)*)'/g), ([, name]) => {
    return name!.replace(/\\(.)/g, '$1');
  });
}

/** A name that would part the row: the request has it as it came. */
function inLine(text: string): string {
  return isInLine(text) ? text : text.replaceAll(/[\t\n]/g, ' ');
}

function isInLine(text: string): boolean {
  return !text.includes('\t') && !text.includes('\n');
}
