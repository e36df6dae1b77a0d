import { describe, expect, test } from 'vitest';
import { clickhouseTime } from '#shared/warehouse/tables.ts';
import { auctionTimeText, timeText } from '#shared/model/auction-time.ts';
import { detailRowStart, readArray, readDetailRow } from '#shared/model/detail-row.ts';
import { knownGroups } from '#shared/model/kept-bids.ts';
import { readFates, readGroups } from '#shared/model/kept-lists.ts';
import { keepText } from '#shared/model/request-text.ts';
import { eventRow } from './event-row.ts';
import { outcomeRows } from './outcome-rows.ts';
import { rowStart } from './batch.ts';
import {
  details,
  explanation,
  HALF_PAIR,
  idOf,
  impOutcome,
  outcome,
  TIME_MS,
  undelivered,
} from './test-records.ts';

const parse = (rows: string[]): Record<string, unknown>[] => rows.map((row) => JSON.parse(row));

describe('outcomeRows()', () => {
  test('gives one row per imp, the auction alike in each', () => {
    const second = impOutcome({ impid: '2', bids: 0, eligible: 0 });
    delete second.winner;
    const record = outcome(7, { imps: [impOutcome(), second] });
    const [won, lost] = parse(outcomeRows(record, 3, 99));
    expect(won).toEqual({
      auction_id: idOf(7),
      time: '1766000000.007',
      request_id: 'req-7',
      publisher_id: 'demo',
      source: 'openrtb',
      imp_id: '1',
      media_type: 'banner',
      tagid: 'top',
      site_domain: 'news.example.com',
      user_id: 'user-7',
      country: 'DEU',
      device_type: 2,
      test: false,
      at: 2,
      win_status: 'won',
      seat: 'acme',
      bidding_group: 'house',
      campaign_id: 'camp-1',
      creative_id: 'cre-1',
      adomain: ['brand.example'],
      floor_micros: 200_000,
      bid_micros: 2_100_000,
      price_micros: 1_510_000,
      currency: 'USD',
      bids: 2,
      eligible: 2,
      enriched: true,
      closed_by: 'all_answered',
      groups_expected: 2,
      groups_answered: 2,
      answer_ms: 4,
      firsts: 63,
      trace_id: '4bf92f3577b34da6a3ce929d0e0e4736',
      partition: 3,
      offset: 99,
    });
    expect(lost).toMatchObject({ imp_id: '2', win_status: 'no_bid', bids: 0, auction_id: idOf(7) });
    for (const name of ['seat', 'bid_micros', 'price_micros', 'adomain']) {
      expect(lost).not.toHaveProperty(name);
    }
  });

  test('gives no row for an auction without imps', () => {
    expect(outcomeRows(outcome(1, { imps: [] }), 0, 0)).toEqual([]);
  });

  test('begins each text so that the auction is found in it', () => {
    expect(outcomeRows(outcome(1), 0, 0)[0]!.startsWith(rowStart(idOf(1)))).toBe(true);
    expect(details(1).row.join('').startsWith(detailRowStart(idOf(1)))).toBe(true);
    expect(eventRow(undelivered(1), 0, 0).startsWith(rowStart(idOf(1)))).toBe(true);
  });

  test('escapes hostile text and mends half surrogate pairs', () => {
    const siteDomain = 'a"b\\c\n\u0000\u2028é💥';
    const [row] = parse(outcomeRows(outcome(1, { siteDomain, userId: `u${HALF_PAIR}` }), 0, 0));
    expect(row!.site_domain).toBe(siteDomain);
    expect(row!.user_id).toBe('u\ufffd');
  });

  test('keeps a backslash before ud as it is', () => {
    const [row] = parse(outcomeRows(outcome(1, { userId: 'C:\\udder' }), 0, 0));
    expect(row!.user_id).toBe('C:\\udder');
  });

  for (const deviceType of [-1, 1.5, 256, NaN, '2' as unknown as number]) {
    test(`takes device type ${deviceType} for unknown, as the column would refuse it`, () => {
      const [row] = parse(outcomeRows(outcome(1, { deviceType }), 0, 0));
      expect(row!.device_type).toBe(0);
    });
  }

  test('rounds the time of the answer to microseconds', () => {
    const [row] = parse(outcomeRows(outcome(1, { tookMs: 3.123_456_789 }), 0, 0));
    expect(row!.answer_ms).toBe(3.123);
  });

  test('refuses an id that carries no time', () => {
    expect(() => outcomeRows(outcome(1, { auctionId: 'x' }), 0, 0)).toThrow(TypeError);
  });
});

describe('auctionTimeText()', () => {
  test('reads the time of each id, alike or not', () => {
    const times = [TIME_MS, TIME_MS, TIME_MS + 1, TIME_MS + 999, TIME_MS + 60_000, TIME_MS];
    for (const [n, time] of times.entries()) {
      expect(auctionTimeText(idOf(n, time))).toBe(clickhouseTime(time));
    }
  });
});

describe('timeText()', () => {
  test('agrees with what the tables read', () => {
    for (const ms of [0, 1, 10, 100, 999, 1000, TIME_MS + 5, TIME_MS + 50, TIME_MS + 500]) {
      expect(timeText(ms)).toBe(clickhouseTime(ms));
    }
  });
});

describe('detailRow()', () => {
  test('has all parts, which are read as they were', () => {
    const row = readDetailRow(details(3).row.join(''));
    const { request, groups, fates, profile, rules, salt, missing } = explanation(3);
    expect(row).toMatchObject({
      auction_id: idOf(3),
      time: '1766000000.003',
      publisher_id: 'demo',
      user_id: 'user-3',
      times: '',
    });
    const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
    expect(JSON.parse(row.request)).toEqual(plain(request));
    const kept = readFates(JSON.parse(row.fates));
    expect(kept).toEqual(plain(fates));
    expect(knownGroups(readGroups(JSON.parse(row.groups)), kept)).toEqual(plain(groups));
    expect(JSON.parse(row.profile)).toEqual(plain(profile));
    expect(JSON.parse(row.rules)).toEqual(rules);
    expect(JSON.parse(row.salt)).toEqual(salt);
    expect(readArray(row.missing)).toEqual(missing);
  });

  test('is one row, whatever names and requests have in them', () => {
    const text = '{"id":"r",\n\t"imp":[]}';
    const request = JSON.parse(text);
    keepText(request, text);
    const missing = [`it's`, 'back\\slash', 'two\nlines', '', `','`];
    const row = details(1, { request, userId: 'a\tb\nc', publisherId: '\\N', missing }).row.join(
      '',
    );
    expect(row.split('\n')).toHaveLength(1);
    const read = readDetailRow(row);
    expect(read).toMatchObject({
      publisher_id: '\\N',
      user_id: 'a b c',
      request: '{"id":"r","imp":[]}',
    });
    expect(readArray(read.missing)).toEqual(missing.map((name) => name.replace('\n', ' ')));
    expect(read.traceparent).toBe(details(1).traceparent);
  });

  test('mends half surrogate pairs at any depth', () => {
    const request = { id: 'r', imp: [{ id: '1', ext: { deep: [`x${HALF_PAIR}`] } }] };
    const row = readDetailRow(details(1, { request }).row.join(''));
    expect(JSON.parse(row.request).imp[0].ext.deep).toEqual(['x\ufffd']);
  });
});

describe('eventRow()', () => {
  test('carries the time of the auction and its own', () => {
    expect(JSON.parse(eventRow(undelivered(5), 2, 8))).toEqual({
      auction_id: idOf(5),
      time: '1766000000.005',
      event_time: '1766000000.106',
      kind: 'undelivered',
      publisher_id: 'demo',
      trace_id: '4bf92f3577b34da6a3ce929d0e0e4736',
      partition: 2,
      offset: 8,
    });
  });
});
