/**
 * The tables analysts ask, with a comment on every column: `docs/sql.md`, `\d` of the prompt and
 * other clients show the same words.
 *
 * - An auction's `time` is the one inside its id, so repetitions of a row share partition and key.
 * - Rows are stored once by the token of their insert; `ReplacingMergeTree` with the offset as
 *   version keeps the first of a repetition all the same, and `FINAL` proves it.
 * - Texts are plain `String`: twenty LowCardinality columns cost an insert half as much again and
 *   save a seventh of the disk.
 * - `outcomes` is partitioned by month: a laptop that runs for a year has a dozen partitions to
 *   open, and a day is found by the primary key. Details live 7 days and leave by whole days.
 */
import { DETAILS_KEPT_DAYS } from '../model/details-kept.ts';
import { PROJECTION_DDL } from './outcome-projections.ts';
import { giveSettings, healParts, renewOutcomes } from './renew-outcomes.ts';
import {
  DETAIL_SETTINGS,
  DETAIL_STORAGE,
  LEDGER_SETTINGS,
  LEDGER_STORAGE,
  MERGES,
  OUTCOME_STORAGE,
  STORAGE,
} from './storage.ts';
import type { Warehouse } from './warehouse.ts';

export const DATABASE = 'helios';
/** One row per imp of an auction. */
export const OUTCOMES = `${DATABASE}.outcomes`;
/** One row per auction whose details are kept. */
export const AUCTION_DETAILS = `${DATABASE}.auction_details`;
/** What happened to an ad after its auction. */
export const AD_EVENTS = `${DATABASE}.ad_events`;

/** A row of {@link OUTCOMES} as inserted; what is left out is empty or 0. */
export interface OutcomeRow {
  auction_id: string;
  /** See {@link clickhouseTime}. */
  time: string;
  request_id: string;
  publisher_id: string;
  source: 'openrtb' | 'simple';
  imp_id: string;
  media_type: string;
  tagid: string;
  site_domain: string;
  user_id: string;
  country: string;
  device_type: number;
  test: boolean;
  at: 1 | 2;
  win_status: 'won' | 'no_bid';
  seat?: string;
  bidding_group?: string;
  campaign_id?: string;
  creative_id?: string;
  deal_id?: string;
  adomain?: string[];
  floor_micros: number;
  bid_micros?: number;
  price_micros?: number;
  currency: string;
  bids: number;
  eligible: number;
  enriched: boolean;
  closed_by: 'all_answered' | 'deadline';
  groups_expected: number;
  groups_answered: number;
  answer_ms: number;
  /** See `FIRST_BITS` in outcome-projections.ts. */
  firsts: number;
  trace_id: string;
  partition: number;
  offset: number;
}

/** A row of {@link AD_EVENTS} as inserted. */
export interface AdEventRow {
  auction_id: string;
  /** Time of the auction. */
  time: string;
  event_time: string;
  kind: 'undelivered';
  publisher_id: string;
  trace_id: string;
  partition: number;
  offset: number;
}

/** Epoch ms as the text a DateTime64(3) column reads fastest: seconds with three decimals. */
export function clickhouseTime(epochMs: number): string {
  return (epochMs / 1000).toFixed(3);
}

/** Makes what is missing; safe to repeat, and by several processes at once. */
export async function createTables(
  warehouse: Pick<Warehouse, 'command' | 'query'>,
): Promise<void> {
  for (const statement of STATEMENTS) await warehouse.command(statement);
  for (const table of [OUTCOMES, AD_EVENTS]) {
    await giveSettings(warehouse, table, [MERGES, ...LEDGER_SETTINGS]);
  }
  await giveSettings(warehouse, AUCTION_DETAILS, [MERGES, ...DETAIL_SETTINGS]);
  await renewOutcomes(warehouse, OUTCOMES, [FIRSTS_DDL]);
}

/** To be called now and then while rows are written; what it finds is made good in the background. */
export async function keepTables(warehouse: Pick<Warehouse, 'command' | 'query'>): Promise<void> {
  await healParts(warehouse, OUTCOMES);
}

const FIRSTS_DDL =
  `firsts UInt8 COMMENT 'Of which rows of its auction it is the first: bits, see docs/sql.md'`;

const OUTCOMES_DDL = `
CREATE TABLE IF NOT EXISTS ${OUTCOMES} (
  auction_id String COMMENT 'Id of the auction; sorts by time',
  time DateTime64(3, 'UTC') COMMENT 'When the request arrived',
  day Date ALIAS toDate(time) COMMENT 'Day of the auction, UTC',
  request_id String COMMENT 'Id the publisher gave the request',
  publisher_id String COMMENT 'Publisher that asked',
  source Enum8('openrtb' = 1, 'simple' = 2) COMMENT 'Form the request came in',
  imp_id String COMMENT 'Placement within the request',
  media_type String COMMENT 'banner, video, audio or native; of the winner, else the first offered',
  tagid String COMMENT 'Name of the placement, where the publisher gives one',
  site_domain String COMMENT 'Domain of the site, or bundle of the app',
  user_id String COMMENT 'User the publisher named; empty when none',
  country String COMMENT 'ISO 3166-1 alpha-3; empty when unknown',
  device_type UInt8 COMMENT 'OpenRTB device type, 0 when unknown',
  test Bool COMMENT 'A test auction: never billed',
  at UInt8 COMMENT '1 first price, 2 second price',
  win_status Enum8('no_bid' = 0, 'won' = 1) COMMENT 'Whether the imp was sold',
  seat String COMMENT 'Winning bidder; empty without one',
  bidding_group String COMMENT 'Group of the winning bidder',
  campaign_id String COMMENT 'Winning campaign',
  creative_id String COMMENT 'Winning creative',
  deal_id String COMMENT 'Deal of the winning bid, where it had one',
  adomain Array(String) COMMENT 'Advertiser domains of the winner',
  floor_micros UInt64 COMMENT 'Least price, micros of CPM',
  bid_micros UInt64 COMMENT 'What the winner offered, micros of CPM; 0 without a winner',
  price_micros UInt64 COMMENT 'What the winner pays, micros of CPM; 0 without a winner',
  currency String COMMENT 'Currency of the amounts',
  bids UInt16 COMMENT 'Bids on the imp',
  eligible UInt16 COMMENT 'Bids that were allowed to compete',
  enriched Bool COMMENT 'Whether a user profile was used',
  closed_by Enum8('all_answered' = 1, 'deadline' = 2) COMMENT 'Why the auction closed',
  groups_expected UInt8 COMMENT 'Bidding groups asked',
  groups_answered UInt8 COMMENT 'Bidding groups that answered in time',
  answer_ms Float32 COMMENT 'From the arrival of the request to the close of the auction, ms',
  ${FIRSTS_DDL},
  trace_id String COMMENT 'W3C trace id',
  partition UInt16 COMMENT 'Partition of the auction on the bus',
  offset UInt64 COMMENT 'Offset of the outcome on the bus',
  ver UInt64 MATERIALIZED 18446744073709551615 - offset COMMENT 'Keeps the first of repeated rows',
  INDEX auction_id_range auction_id TYPE minmax GRANULARITY 1,
  ${PROJECTION_DDL}
)
ENGINE = ReplacingMergeTree(ver)
PARTITION BY toYYYYMM(time)
ORDER BY (time, auction_id, imp_id)
SETTINGS ${STORAGE}, ${LEDGER_STORAGE}, ${OUTCOME_STORAGE}
COMMENT 'One row per imp of an auction: the ledger'`;

const TIMES_COMMENT = 'When its steps were, ms from the arrival, a JSON list; empty in older rows';

const DETAILS_DDL = `
CREATE TABLE IF NOT EXISTS ${AUCTION_DETAILS} (
  auction_id String COMMENT 'Id of the auction; sorts by time',
  time DateTime64(3, 'UTC') COMMENT 'When the request arrived',
  publisher_id String COMMENT 'Publisher that asked',
  user_id String COMMENT 'User the publisher named; empty when none',
  request String COMMENT 'The OpenRTB request as sent, JSON; a simple one as translated',
  groups String COMMENT 'Answers of the bidding groups, JSON lists; see docs/sql.md',
  fates String COMMENT 'Every bid with its fate and the rule, JSON lists; see the view bids',
  profile String COMMENT 'The user profile used, JSON; empty when none',
  rules String COMMENT 'What the exchange decided by, JSON',
  salt String COMMENT 'Day and commitment of the tie-break salt, JSON',
  missing Array(String) COMMENT 'Bidding groups that did not answer in time',
  times String COMMENT '${TIMES_COMMENT}',
  traceparent String COMMENT 'W3C traceparent',
  INDEX auction_id_range auction_id TYPE minmax GRANULARITY 1
)
ENGINE = ReplacingMergeTree
PARTITION BY toDate(time)
ORDER BY (time, auction_id)
TTL toDateTime(time) + INTERVAL ${DETAILS_KEPT_DAYS} DAY
SETTINGS ${STORAGE}, ${DETAIL_STORAGE}, ttl_only_drop_parts = 1
COMMENT 'What explains an auction; kept ${DETAILS_KEPT_DAYS} days'`;

/** Tables that an earlier version made have no such column. */
const DETAILS_TIMES_DDL = `
ALTER TABLE ${AUCTION_DETAILS}
ADD COLUMN IF NOT EXISTS times String COMMENT '${TIMES_COMMENT}' AFTER missing`;

const AD_EVENTS_DDL = `
CREATE TABLE IF NOT EXISTS ${AD_EVENTS} (
  auction_id String COMMENT 'Id of the auction',
  time DateTime64(3, 'UTC') COMMENT 'Time of the auction',
  event_time DateTime64(3, 'UTC') COMMENT 'When it happened',
  kind String COMMENT 'undelivered: the win came too late for the answer and is not billed',
  publisher_id String COMMENT 'Publisher of the auction',
  trace_id String COMMENT 'W3C trace id',
  partition UInt16 COMMENT 'Partition on the bus',
  offset UInt64 COMMENT 'Offset on the bus',
  ver UInt64 MATERIALIZED 18446744073709551615 - offset COMMENT 'Keeps the first of repeated rows'
)
ENGINE = ReplacingMergeTree(ver)
PARTITION BY toYYYYMM(time)
ORDER BY (time, auction_id, kind)
SETTINGS ${STORAGE}, ${LEDGER_STORAGE}
COMMENT 'What happened to an ad after its auction'`;

/** Amounts as people read them: CPM, and what the one impression brings, in the row's currency. */
const READABLE_DDL = `
CREATE OR REPLACE VIEW ${DATABASE}.outcomes_readable AS
SELECT * EXCEPT (floor_micros, bid_micros, price_micros),
  day,
  toDecimal128(floor_micros, 6) / 1000000 AS floor_cpm,
  toDecimal128(bid_micros, 6) / 1000000 AS bid_cpm,
  toDecimal128(price_micros, 6) / 1000000 AS price_cpm,
  toDecimal128(if(test, 0, price_micros), 9) / 1000000000 AS revenue
FROM ${OUTCOMES}
COMMENT 'outcomes with decimal amounts'`;

/** The fates of all bids, one row each. */
const BIDS_DDL = `
CREATE OR REPLACE VIEW ${DATABASE}.bids AS
SELECT auction_id, time, publisher_id, user_id,
  fate.impid AS imp_id, fate.seat AS seat, fate.group AS bidding_group, fate.bidId AS bid_id,
  fate.cid AS campaign_id, fate.crid AS creative_id, fate.priceMicros AS bid_micros,
  fate.status AS status, fate.loss AS loss, fate.rule AS rule, fate.draw AS draw
FROM ${AUCTION_DETAILS}
ARRAY JOIN JSONExtract(fates, 'Array(Tuple(impid String, seat String, group String, bidId String,
  cid String, crid String, priceMicros UInt64, status String, loss UInt16, rule String,
  draw String))') AS fate
COMMENT 'One row per bid and its fate, out of auction_details'`;

const STATEMENTS = [
  `CREATE DATABASE IF NOT EXISTS ${DATABASE}`,
  OUTCOMES_DDL,
  DETAILS_DDL,
  DETAILS_TIMES_DDL,
  AD_EVENTS_DDL,
  READABLE_DDL,
  BIDS_DDL,
];
