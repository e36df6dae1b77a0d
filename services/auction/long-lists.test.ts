import { describe, expect, test } from 'vitest';
import { parseBidRequest } from '#shared/model/openrtb-parse.ts';
import { lookOnce } from './long-lists.ts';
import { runAuction } from './run-auction.ts';

const LIST = Array.from({ length: 1_000 }, (_, i) => `blocked-${i}.example`);

describe('lookOnce()', () => {
  test('looks a long list through once for each text, also for what is not in it', () => {
    const looks: string[] = [];
    const look = (list: readonly string[], text: string) => {
      looks.push(text);
      return list.find((name) => name === text);
    };
    const asked = [LIST[7]!, 'ford.com', LIST[7]!, 'ford.com'];
    const found = asked.map((text) => lookOnce(LIST, text, look));
    expect(found).toEqual([LIST[7], undefined, LIST[7], undefined]);
    expect(looks).toEqual([LIST[7], 'ford.com']);
    expect(lookOnce([...LIST], 'ford.com', look)).toBeUndefined();
    expect(looks).toHaveLength(3);
  });
});

test.each(['badv', 'bcat', 'acat'] as const)(
  'runAuction() looks a long %s through once for the bids of a seat on many imps',
  (name) => {
    const imp = Array.from({ length: 100 }, (_, i) => ({ id: `${i}`, banner: { w: 1, h: 1 } }));
    const parsed = parseBidRequest({ id: 'r', imp, site: { id: 's' }, [name]: [...LIST, 'IAB1'] });
    if (!parsed.ok) expect.unreachable();
    let reads = 0;
    const list = new Proxy(parsed.request[name]!, {
      get(target, key) {
        if (key === '0') reads++;
        return Reflect.get(target, key);
      },
    });
    const bids = imp.map(({ id }) => ({
      ...{ id, impid: id, priceMicros: 1_000, currency: 'USD', mtype: 1, adm: '<p>', w: 1, h: 1 },
      ...{ adomain: ['ford.com'], crid: 'k', cid: 'c', cat: ['IAB1-2'], attr: [] },
    }));
    const envelope = { v: 1, auctionId: 'a', traceparent: '', issuedAt: 0, deadline: 0 } as const;
    const seats = [{ seat: 'acme', bids, noBids: [] }];
    const { fates } = runAuction(
      { auctionId: 'a', request: { ...parsed.request, [name]: list } },
      [{ ...envelope, group: 'house', enriched: false, tookMs: 1, seats }],
      { incrementMicros: 10_000, defaultFloorMicros: 0 },
      'salt',
    );
    expect(new Set(fates.map(({ loss }) => loss))).toEqual(new Set([name === 'bcat' ? 209 : 0]));
    expect(reads).toBe(1);
  },
);
