import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AuctionOutcome, ImpOutcome, Winner } from '#shared/model/events.ts';
import { PRICE_MICROS_MAX } from '#shared/model/money.ts';
import { toBidResponse, toSimpleAnswer } from './answer.ts';

function winner(values: Partial<Winner> = {}): Winner {
  return {
    seat: 'acme',
    group: 'house',
    bidId: 'b1',
    cid: 'camp-1',
    crid: 'cr-1',
    adomain: ['shop.example'],
    mtype: 1,
    bidMicros: 500_000,
    priceMicros: 201_000,
    w: 300,
    h: 250,
    adm: '<a>',
    ...values,
  };
}

function imp(impid: string, won?: Winner): ImpOutcome {
  return {
    impid,
    mediaType: 'banner',
    tagid: '',
    floorMicros: 0,
    bids: 1,
    eligible: 1,
    winner: won,
  };
}

function outcome(...imps: ImpOutcome[]): AuctionOutcome {
  return {
    v: 1,
    auctionId: 'auction-1',
    traceparent: '',
    issuedAt: 0,
    deadline: 0,
    publisherId: 'p',
    requestId: 'req-1',
    source: 'openrtb',
    siteDomain: 'news.example',
    userId: '',
    country: '',
    deviceType: 0,
    test: false,
    at: 2,
    currency: 'USD',
    enriched: false,
    closedBy: 'all_answered',
    groupsExpected: 1,
    groupsAnswered: 1,
    receivedAt: 0,
    tookMs: 1,
    imps,
  };
}

describe('toBidResponse()', () => {
  it('says what won, at the clearing price', () => {
    expect(toBidResponse(outcome(imp('1', winner())))).toEqual({
      id: 'req-1',
      bidid: 'auction-1',
      cur: 'USD',
      seatbid: [{
        seat: 'acme',
        bid: [{
          id: 'b1',
          impid: '1',
          price: 0.201,
          adm: '<a>',
          adomain: ['shop.example'],
          cid: 'camp-1',
          crid: 'cr-1',
          mtype: 1,
          w: 300,
          h: 250,
        }],
      }],
    });
  });

  it('is undefined when nobody won', () => {
    expect(toBidResponse(outcome(imp('1'), imp('2')))).toBeUndefined();
    expect(toBidResponse(outcome())).toBeUndefined();
  });

  it('puts the bids of a seat together, in the order of the imps', () => {
    const other = winner({ seat: 'globex' });
    const answer = toBidResponse(
      outcome(imp('1', winner()), imp('2', other), imp('3'), imp('4', winner())),
    );
    expect(answer!.seatbid!.map(({ seat, bid }) => [seat, bid.map(({ impid }) => impid)]))
      .toEqual([['acme', ['1', '4']], ['globex', ['2']]]);
  });

  it('names deal and length, and no size where there is none', () => {
    const won = winner({ dealid: 'd1', w: 0, h: 0, dur: 15 });
    const answer = toBidResponse(outcome(imp('1', won)));
    const [bid] = answer!.seatbid![0]!.bid;
    expect(bid).toMatchObject({ dealid: 'd1', dur: 15 });
    expect(bid).not.toHaveProperty('w');
    expect(bid).not.toHaveProperty('h');
  });

  it('fills in the macros of the markup', () => {
    const adm = ['PRICE', 'ID', 'BID_ID', 'IMP_ID', 'SEAT_ID', 'AD_ID', 'CURRENCY', 'LOSS']
      .map((name) => '${AUCTION_' + name + '}').join('|');
    const answer = toBidResponse(outcome(imp('1', winner({ adm }))));
    expect(answer!.seatbid![0]!.bid[0]!.adm).toBe('0.201|req-1|b1|1|acme|cr-1|USD|');
  });

  it('gives prices without the noise of binary fractions', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: PRICE_MICROS_MAX }), (priceMicros) => {
        const answer = toBidResponse(outcome(imp('1', winner({ priceMicros }))));
        const text = String(answer!.seatbid![0]!.bid[0]!.price);
        expect(text).toMatch(/^\d+(\.\d{1,6})?$/);
        const [whole, fraction = ''] = text.split('.');
        expect(Number(whole + fraction.padEnd(6, '0'))).toBe(priceMicros);
      }),
    );
  });
});

describe('toSimpleAnswer()', () => {
  it('says what won in each slot', () => {
    const adm = '<img src="https://t.example/${AUCTION_PRICE}">';
    expect(toSimpleAnswer(outcome(imp('1', winner({ adm })), imp('2')))).toEqual({
      request_id: 'req-1',
      auction_id: 'auction-1',
      ads: [{
        slot_id: '1',
        seat: 'acme',
        campaign: 'camp-1',
        price: 0.201,
        currency: 'USD',
        adm: '<img src="https://t.example/0.201">',
        w: 300,
        h: 250,
      }],
    });
  });

  it('is undefined when nobody won', () => {
    expect(toSimpleAnswer(outcome(imp('1')))).toBeUndefined();
  });
});
