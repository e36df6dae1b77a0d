import { describe, expect, test } from 'vitest';
import type { BidFate, BidOffer } from '#shared/model/events.ts';
import { detailRow } from './detail-row.ts';
import { keptGroups, knownGroups } from './kept-bids.ts';
import { details } from './test-records.ts';

const OFFER = details(1).groups[0]!.seats[0]!.bids[0]!;
const FATE = details(1).fates[0]!;

function bid(n: number, status: BidFate['status'], changes: Partial<BidOffer> = {}) {
  const offer: BidOffer = {
    ...OFFER,
    id: `b${n}`,
    impid: String(n % 5),
    priceMicros: n * 1_000,
    crid: `cre-${n}`,
    cid: `cam-${n}`,
    adm: `<p>${n}`,
    ...changes,
  };
  const fate: BidFate = {
    ...FATE,
    seat: `seat-${n % 3}`,
    group: `group-${n % 2}`,
    bidId: offer.id,
    impid: offer.impid,
    priceMicros: offer.priceMicros,
    crid: offer.crid,
    cid: offer.cid,
    status,
  };
  return { offer, fate };
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
        ),
      })),
    }));
    expect(stored(knownGroups(kept, auction.fates))).toEqual(expected);
    expect(JSON.stringify(kept)).not.toContain('"lost"');
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

  test('read rows of earlier versions, whose bids are whole', () => {
    const { offer, fate } = bid(1, 'lost');
    const { groups } = auctionOf([{ offer, fate }]);
    expect(knownGroups(groups, [fate])[1]!.seats[1]!.bids).toEqual([offer]);
  });
});

describe('detailRow()', () => {
  test('has no markup but the winner’s', () => {
    const auction = auctionOf([bid(0, 'won'), bid(1, 'lost')]);
    const row = detailRow(details(1, auction)).join('');
    expect(row).toContain('<p>0');
    expect(row).not.toContain('<p>1');
  });
});
