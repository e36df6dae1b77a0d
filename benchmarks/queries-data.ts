/**
 * Outcomes as a busy month leaves them, made inside ClickHouse: a function of their number alone,
 * so that every run asks the same rows.
 *
 * - 100,000 users, the first ones more often, one auction in twenty without. They come in visits of
 *   about eight auctions within 40 minutes, but for one in fifty, whose auctions lie anywhere: the
 *   worst case of a list.
 * - 4,000 sites by Zipf's law (the first has one imp in twelve); 4 seats with 4 campaigns each, of
 *   unequal luck.
 * - One to three imps per auction (1.55 on average), 85 % sold, prices log-normal around 1.3 CPM.
 * - Ids as `shared/model/auction-id.ts` makes them: they sort by time and hold it.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { MERGED_INDEXES } from '#shared/warehouse/outcome-projections.ts';
import { OUTCOMES } from '#shared/warehouse/tables.ts';
import type { Warehouse } from '#shared/warehouse/warehouse.ts';

export const DAYS = 30;
export const USERS = 100_000;
const SITES = 4_000;
export const SEATS = ['meridian', 'tidewater', 'northwind', 'copperline'] as const;
const DAY_MS = 86_400_000;
/** Imps per auction, on average. */
const IMPS = 1.55;
const PARTITIONS = 4;
/** Auctions of 40 minutes, at ten million rows, and who makes them. */
const VISIT_SPAN = 6_400;
const VISITORS = 800;
/** Auctions of one INSERT: about 200,000 rows, under half a GiB of memory. */
const BATCH_AUCTIONS = 130_000;
/** The last auctions come as from an exchange: 2,000 a second, an insert each second. */
const LATE_AUCTIONS = 60_000;
const LATE_BATCH = 2_000;
/** Inserts so young that no merge has come to them. */
const UNMERGED = 8;
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

export const userName = (n: number): string => `user-${n}`;
export const siteName = (rank: number): string => `site-${rank}.example`;
export const campaignName = (seat: string, n: number): string => `${seat}-campaign-${n}`;

/**
 * Makes the table hold `rows` outcomes (0.1 % more or less) ending at `endMs`; a table that holds
 * them is left alone. Times are spread by number, so that batches come as traffic does.
 */
export async function fill(
  warehouse: Warehouse,
  rows: number,
  endMs: number,
  say: (text: string) => void,
): Promise<void> {
  const auctions = Math.round(rows / IMPS);
  const stepMs = DAYS * DAY_MS / auctions;
  const late = Math.max(0, auctions - LATE_AUCTIONS);
  // What inserts of a month would have been merged into.
  await materialiseOnInsert(warehouse, true);
  for (let from = 0; from < auctions;) {
    if (from === late) await materialiseOnInsert(warehouse, false);
    const count = from < late
      ? Math.min(BATCH_AUCTIONS, late - from)
      : Math.min(LATE_BATCH, auctions - from);
    if (from === auctions - UNMERGED * LATE_BATCH) await settled(warehouse);
    await warehouse.command(insertSql(from, count, endMs - DAYS * DAY_MS, stepMs));
    from += count;
    say(`${Math.min(100, Math.round(100 * from / auctions))} % of ${rows} rows`);
  }
}

function materialiseOnInsert(warehouse: Warehouse, on: boolean): Promise<void> {
  return warehouse.command(
    `ALTER TABLE ${OUTCOMES} MODIFY SETTING materialize_projections_on_insert = ${Number(on)}`,
  );
}

/** Resolves when no merge or mutation runs: they would take the processor from what is measured. */
export async function settled(warehouse: Warehouse): Promise<void> {
  for (let calm = 0; calm < 3; await sleep(500)) {
    const [row] = await warehouse.query<{ n: number }>(`SELECT
      (SELECT count() FROM system.merges) +
      (SELECT count() FROM system.mutations WHERE NOT is_done) AS n`);
    calm = row!.n === 0 ? calm + 1 : 0;
  }
}

/** `share('x')` is a number from 0 up to 1, of the auction `n` and this name. */
const share = (name: string): string => `(sipHash64(n, '${name}') / 18446744073709551616)`;
/** The same for each imp. */
const impShare = (name: string): string => `(sipHash64(n, imp, '${name}') / 18446744073709551616)`;
/** Standard normal, by Box and Muller. */
const normal = (name: string): string =>
  `sqrt(-2 * log(1 - ${impShare(name)})) * cos(2 * pi() * ${impShare(`${name}2`)})`;

/** 115 bits, 5 a character: RFC 4648 base32 of 15 bytes without its last character, in our letters. */
const AUCTION_ID = `translate(substring(base32Encode(unhex(leftPad(hex(bitShiftLeft(
    bitOr(bitOr(bitShiftLeft(toUInt128(ms), 70), bitShiftLeft(toUInt128(part), 60)),
      toUInt128(bitAnd(sipHash64(n, 'id'), 1152921504606846975))), 5)), 30, '0'))), 1, 23),
    'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567', '${ALPHABET}')`;

/** Imps of an auction come in order, so its first row of a kind has the least number. */
const FIRSTS = [['n'], ['n', 'sold'], ['n', "if(sold, winner, '')"], ['n', "if(sold, camp, '')"]]
  .map((by) => `imp = min(imp) OVER (PARTITION BY ${by.join(', ')})`)
  .map((first, bit) => `${bit === 3 ? 8 + 16 : 1 << bit} * (${first})`)
  .join(' + ') + ' + 32';

function insertSql(from: number, count: number, startMs: number, stepMs: number): string {
  const seats = `[${SEATS.map((seat) => `'${seat}'`).join(', ')}]`;
  return `INSERT INTO ${OUTCOMES} (auction_id, time, request_id, publisher_id, source, imp_id,
  media_type, tagid, site_domain, user_id, country, device_type, test, at, win_status, seat,
  bidding_group, campaign_id, creative_id, adomain, floor_micros, bid_micros, price_micros,
  currency, bids, eligible, enriched, closed_by, groups_expected, groups_answered, answer_ms, firsts,
  trace_id, partition, offset)
WITH number AS n,
  toUInt64(${startMs} + floor(n * ${stepMs}) + floor(${share('ms')} * ${
    Math.max(1, stepMs)
  })) AS ms,
  n % ${PARTITIONS} AS part,
  ${share('imps')} AS imps_share,
  arrayJoin(range(1, if(imps_share < 0.6, 2, if(imps_share < 0.85, 3, 4)))) AS imp,
  toUInt32(floor(pow(${SITES}, ${share('site')}))) AS site,
  if(${
    share('scattered')
  } < 0.02, n, intDiv(n, ${VISIT_SPAN}) * ${VISITORS} + sipHash64(n, 'visit') % ${VISITORS}) AS visit,
  1 + toUInt32(floor(${USERS} * pow(sipHash64(visit, 'user') / 18446744073709551616, 1.5))) AS person,
  if(${share('anyone')} < 0.05, '', concat('user-', toString(
    if(${share('scattered')} < 0.02, person - person % 50, person + (person % 50 = 0))))) AS user,
  ${impShare('won')} < 0.85 AS sold,
  ${seats}[1 + toUInt8(floor(4 * pow(${impShare('seat')}, 1.4)))] AS winner,
  concat(winner, '-campaign-', toString(1 + toUInt8(floor(4 * pow(${
    impShare('campaign')
  }, 1.6))))) AS camp,
  toUInt64(floor(100 * pow(${share('floor')}, 2))) * 10000 AS floor,
  floor + 10000 + toUInt64(exp(13.9 + 0.6 * ${normal('price')})) AS bid,
  intDiv(toUInt64(floor + (bid - floor) * ${impShare('second')}), 1000) * 1000 AS price,
  user != '' AND ${share('enriched')} < 0.9 AS profile,
  ${share('late')} < 0.02 AS late
SELECT ${AUCTION_ID}, fromUnixTimestamp64Milli(toInt64(ms), 'UTC'),
  concat('req-', hex(sipHash64(n, 'request'))), concat('pub-', toString(site % 40)),
  if(n % 10 = 0, 'simple', 'openrtb'), toString(imp),
  ['banner', 'video', 'native'][1 + n % 3], concat('slot-', toString(imp)),
  concat('site-', toString(site), '.example'), user,
  ['DEU', 'FRA', 'USA', 'GBR', ''][1 + sipHash64(n, 'country') % 5],
  [1, 2, 4, 5][1 + sipHash64(n, 'device') % 4], ${share('test')} < 0.01, 2,
  if(sold, 'won', 'no_bid'), if(sold, winner, ''), if(sold, if(winner < 'n', 'house', 'partners'), ''),
  if(sold, camp, ''), if(sold, concat(camp, '-300x250'), ''),
  if(sold, [concat(camp, '.example')], []), floor, if(sold, bid, 0), if(sold, price, 0), 'USD',
  if(sold, 2 + n % 3, n % 2), if(sold, 1 + n % 3, 0), profile,
  if(late, 'deadline', 'all_answered'), 2, if(late, 1, 2),
  if(late, 85, 1 + 8 * pow(${
    share('took')
  }, 3)), ${FIRSTS}, lower(hex(sipHash128(n, 'trace'))), part,
  intDiv(n, ${PARTITIONS})
FROM numbers(${from}, ${count})
SETTINGS exclude_materialize_skip_indexes_on_insert = '${
    count === LATE_BATCH ? MERGED_INDEXES.join(',') : ''
  }'`;
}
