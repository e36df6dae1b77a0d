/** Checks of the public door: both forms of a bid, refusals, asynchronous answers, repetitions. */
import type { BidRequest, BidResponse } from '#shared/model/openrtb.ts';
import type { Check } from './checks.ts';
import { appears, expect, jsonOf, seen, type SmokeTarget } from './smoke-target.ts';

/** Generous: a smoke test asks whether it works, not how fast. */
const TMAX_MS = 1_000;
const AUCTION_HEADER = 'helios-auction-id';

export const BID_CHECKS: readonly Check[] = [
  { name: 'bid, simple form', run: simpleBid },
  { name: 'bid, OpenRTB', run: openrtbBid },
  { name: 'bad bid is refused', run: badBid },
  { name: 'bid, respond-async', run: asyncBid },
  { name: 'Idempotency-Key', run: repeatedBid },
];

interface SimpleAnswer {
  request_id: string;
  auction_id: string;
  ads: { slot_id: string; seat: string; price: number; currency: string; adm: string }[];
}

async function simpleBid(target: SmokeTarget): Promise<string> {
  const response = await target.bid('/bid', {
    request_id: `${target.userId}-simple`,
    user_id: 'user-001',
    site: { domain: 'example.com' },
    device: { ip: '192.0.2.1' },
    ad_slots: [{ id: '1', min_bid: 0.01, format: ['300x250'] }],
  });
  expect(response.status === 200, `expected 200 with an ad, got ${seen(response)}`);
  const { request_id, auction_id, ads } = jsonOf<SimpleAnswer>(response);
  expect(request_id === `${target.userId}-simple`, `request_id is ${JSON.stringify(request_id)}`);
  expect(typeof auction_id === 'string', 'the answer has no auction_id');
  const ad = ads?.[0];
  expect(ad !== undefined, 'the answer has no ad');
  expect(ad.slot_id === '1' && ad.adm !== '', `the ad is not for slot 1: ${JSON.stringify(ad)}`);
  expect(ad.price >= 0.01, `the price ${ad.price} is below the floor`);
  return `${ad.seat} pays ${ad.price} ${ad.currency}`;
}

async function openrtbBid(target: SmokeTarget): Promise<string> {
  const request = openrtbRequest(target, 'openrtb');
  const response = await target.bid('/openrtb2/auction', request, { 'x-openrtb-version': '2.6' });
  expect(
    response.status === 200 || response.status === 204,
    `expected 200 or 204, got ${seen(response)}`,
  );
  const auctionId = response.headers.get(AUCTION_HEADER);
  expect(auctionId !== null, `the answer has no ${AUCTION_HEADER} header`);
  target.auctionId = auctionId;
  if (response.status === 204) return `no bid, auction ${auctionId}`;
  const answer = jsonOf<BidResponse>(response);
  expect(answer.id === request.id, `id is ${JSON.stringify(answer.id)}, not the request's`);
  const bid = answer.seatbid?.[0]?.bid[0];
  expect(bid !== undefined, 'the answer has no bid');
  expect(bid.impid === '1', `impid is ${JSON.stringify(bid.impid)}`);
  expect(bid.price >= 0.01, `the price ${bid.price} is below the floor`);
  expect(typeof bid.adm === 'string' && bid.adm !== '', 'the bid has no adm');
  return `${answer.seatbid![0]!.seat} pays ${bid.price} ${
    answer.cur ?? 'USD'
  }, auction ${auctionId}`;
}

async function badBid(target: SmokeTarget): Promise<string> {
  const response = await target.bid('/openrtb2/auction', {
    ...openrtbRequest(target, 'bad'),
    tmax: -5,
  });
  expect(response.status === 400, `expected 400, got ${seen(response)}`);
  const { path, value, allowed } = jsonOf<Record<string, unknown>>(response);
  expect(path === 'tmax', `path is ${JSON.stringify(path)}, not "tmax"`);
  expect(value === -5, `value is ${JSON.stringify(value)}, not -5`);
  expect(typeof allowed === 'string' && allowed !== '', 'it does not say what is allowed');
  return `400: tmax -5, allowed is ${allowed}`;
}

async function asyncBid(target: SmokeTarget): Promise<string> {
  const request = openrtbRequest(target, 'async');
  const response = await target.bid('/openrtb2/auction', request, { prefer: 'respond-async' });
  expect(response.status === 202, `expected 202, got ${seen(response)}`);
  const location = response.headers.get('location');
  expect(
    location !== null && location.startsWith('/api/auctions/'),
    `Location is ${JSON.stringify(location)}`,
  );
  let waits = 0;
  await appears(`the outcome at ${location}`, async () => {
    const answer = await target.get(location);
    if (answer.status === 200) return true;
    // Between the auction's end and its arrival in analytics it is neither pending nor known.
    expect(
      answer.status === 202 || answer.status === 404,
      `expected 202 or 200 at ${location}, got ${seen(answer)}`,
    );
    waits++;
    return undefined;
  });
  return `202, then 200 after ${waits} ${waits === 1 ? 'look' : 'looks'}`;
}

async function repeatedBid(target: SmokeTarget): Promise<string> {
  const request = openrtbRequest(target, 'once');
  const headers = { 'idempotency-key': `${target.userId}-once` };
  const send = (body: BidRequest) => target.bid('/openrtb2/auction', body, headers);
  const ids: (string | null)[] = [];
  for (const turn of ['first', 'repeated']) {
    const response = await send(request);
    expect(
      response.status === 200 || response.status === 204,
      `the ${turn} request: expected 200 or 204, got ${seen(response)}`,
    );
    ids.push(response.headers.get(AUCTION_HEADER));
  }
  expect(ids[0] === ids[1], `the repetition made another auction: ${ids.join(', ')}`);
  const other = await send({ ...request, at: 1 });
  expect(other.status === 409, `other content: expected 409, got ${seen(other)}`);
  return 'one auction; other content 409';
}

function openrtbRequest(target: SmokeTarget, name: string): BidRequest {
  return {
    id: `${target.userId}-${name}`,
    imp: [{ id: '1', banner: { w: 300, h: 250 }, bidfloor: 0.01, bidfloorcur: 'USD' }],
    site: { id: 'smoke', domain: 'example.com', page: 'https://example.com/' },
    device: { ip: '192.0.2.1', ua: 'Mozilla/5.0 (X11; Linux x86_64) Firefox/145.0', devicetype: 2 },
    user: { id: target.userId },
    at: 2,
    tmax: TMAX_MS,
    cur: ['USD'],
  };
}
