import { describe, expect, test } from 'vitest';
import { detailRow } from './detail-row.ts';
import type { BidFate, BidOffer } from './events.ts';
import { keptGroups, knownFate, knownGroups } from './kept-bids.ts';

function bid(n: number, status: BidFate['status'], changes: Partial<BidOffer> = {}) {
  const offer: BidOffer = {
    id: `b${n}`,
    impid: String(n % 5),
    priceMicros: n * 1_000,
    currency: 'USD',
    mtype: 1,
    adm: `<p>${n}`,
    adomain: ['acme.example'],
    crid: `cre-${n}`,
    cid: `cam-${n}`,
    cat: ['IAB1'],
    attr: [],
    w: 300,
    h: 250,
    ...changes,
  };
  const { id: bidId, impid, priceMicros, crid, cid } = offer;
  const { mtype, adomain, cat, attr, w, h, dur, dealid, adm } = offer;
  const told = {
    impid,
    seat: `seat-${n % 3}`,
    group: `group-${n % 2}`,
    bidId,
    cid,
    crid,
    priceMicros,
    status,
    loss: 0,
    rule: 'Because',
  };
  const shown = { mtype, adomain, cat, attr, w, h, dur, dealid };
  const fate: BidFate = {
    ...told,
    ...(status !== 'invalid' && shown),
    ...(status === 'won' && { adm }),
  };
  return { offer, fate, told };
}

function auctionOf(bids: readonly ReturnType<typeof bid>[]) {
  const groups = [0, 1].map((g) => ({
    group: `group-${g}`,
    enriched: false,
    tookMs: 1,
    seats: [0, 1, 2].map((s) => ({
      seat: `seat-${s}`,
      bids: bids.filter(({ fate }) => fate.seat === `seat-${s}` && fate.group === `group-${g}`)
        .map(({ offer }) => offer),
      noBids: [],
    })),
  }));
  return { groups, fates: bids.map(({ fate }) => fate).reverse() };
}

const stored = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;
const byId = (a: { id: string }, b: { id: string }): number => a.id < b.id ? -1 : 1;

describe('keptGroups() and knownGroups()', () => {
  test.each([1, 6, 16, 17, 60])('give back %i bids, without the markup of those that lost', (n) => {
    const states = ['won', 'lost', 'lost', 'invalid'] as const;
    const auction = auctionOf(
      Array.from(
        { length: n },
        (_, i) => bid(i, states[i % 4]!, i % 2 ? { dealid: `d${i}`, dur: i } : {}),
      ),
    );
    const kept = stored(keptGroups(auction));
    const expected = auction.groups.map((group) => ({
      ...group,
      seats: group.seats.map((seat) => ({
        ...seat,
        bids: seat.bids.map(({ adm, ...rest }) =>
          auction.fates.find(({ bidId }) => bidId === rest.id)!.status === 'lost'
            ? rest
            : { ...rest, adm }
        ).sort(byId),
      })),
    }));
    const known = stored(knownGroups(kept, stored(auction.fates)));
    for (const { seats } of known) for (const { bids } of seats) bids.sort(byId);
    expect(known).toEqual(expected);
    const named = kept.flatMap(({ seats }) => seats.flatMap(({ bids = [] }) => bids));
    expect(named).toHaveLength(auction.fates.filter(({ status }) => status === 'invalid').length);
  });

  test('keep an invalid bid as it came, whatever it is', () => {
    const { fate } = bid(1, 'invalid');
    const { groups } = auctionOf([]);
    const odd = [null, 7, 'x', {}, { id: 'b1', impid: '1' }, { id: 5, more: [1] }];
    groups[1]!.seats[1]!.bids = odd as unknown as BidOffer[];
    const kept = stored(keptGroups({ groups, fates: [fate] }));
    expect(kept[1]!.seats[1]!.bids).toEqual(odd);
    expect(knownGroups(kept, [fate])[1]!.seats[1]!.bids).toEqual(odd);
  });

  test('read rows of earlier versions, whose groups have all bids', () => {
    const { offer, told } = bid(1, 'lost');
    const { priceMicros: _p, currency: _c, crid: _r, cid: _i, adm, ...rest } = offer;
    for (const kept of [rest as BidOffer, offer]) {
      const { groups } = auctionOf([{ offer: kept, fate: told, told }]);
      const [known] = knownGroups(groups, [told])[1]!.seats[1]!.bids;
      expect({ ...known, adm }).toEqual(offer);
    }
  });

  test('knownFate() tells what became of a bid, and nothing of what it showed', () => {
    const { fate, told } = bid(1, 'won');
    expect(knownFate(fate)).toEqual(told);
  });
});

describe('detailRow()', () => {
  test('has no markup but the winner’s', () => {
    const auction = auctionOf([bid(0, 'won'), bid(1, 'lost')]);
    const of = {
      auctionId: '1m8c43vdx0367pq3g6dnxpz',
      traceparent: '',
      publisherId: 'p',
      userId: '',
    };
    const row = detailRow(of, {
      ...auction,
      request: { id: 'r', imp: [] },
      missing: [],
      rules: { incrementMicros: 1, defaultFloorMicros: 0 },
      salt: { day: '', commitment: '' },
    }).join('');
    expect(row).toContain('<p>0');
    expect(row).not.toContain('<p>1');
  });
});
