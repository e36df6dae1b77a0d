/** Outcomes as the exchange writes them, without auctions: to fill a topic. */
import { randomBytes } from 'node:crypto';
import { sampleRequests } from '#shared/demo/traffic.ts';
import { makeAuctionId } from '#shared/model/auction-id.ts';
import type { AuctionOutcome, ImpOutcome, Winner } from '#shared/model/events.ts';
import type { BidRequest } from '#shared/model/openrtb.ts';

const SEED = 11;
/** Markup and landing page of a banner are about as long. */
const ADM = `<a href="https://brand.example/landing">${'ad '.repeat(80)}</a>`;
const WINNER: Winner = {
  seat: 'atlas',
  group: 'house',
  bidId: 'bid-1',
  cid: 'aurora-trailwear',
  crid: 'aurora-trailwear-300x250',
  adomain: ['aurora-outdoors.example'],
  mtype: 1,
  bidMicros: 2_400_000,
  priceMicros: 1_810_000,
  w: 300,
  h: 250,
  adm: ADM,
};

/** The outcome of a sequence number; four of five imps are sold. */
export function sampleOutcomes(
  nowMs: number,
): (sequence: number, partition: number) => AuctionOutcome {
  const requestOf = sampleRequests(SEED);
  return (sequence, partition) => {
    const request = requestOf(sequence);
    const imps = request.imp.map((imp, index): ImpOutcome => ({
      impid: imp.id,
      mediaType: mediaOf(imp),
      tagid: imp.tagid ?? '',
      floorMicros: 200_000,
      bids: 3,
      eligible: 2,
      ...((sequence + index) % 5 !== 0 && { winner: WINNER }),
    }));
    return {
      v: 1,
      auctionId: makeAuctionId(nowMs, partition, randomBytes(12)),
      traceparent: `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-01`,
      issuedAt: nowMs + 4,
      deadline: nowMs + 100,
      publisherId: 'demo',
      requestId: request.id,
      source: 'openrtb',
      siteDomain: request.site?.domain ?? request.app?.bundle ?? '',
      userId: request.user?.id ?? '',
      country: request.device?.geo?.country ?? '',
      deviceType: request.device?.devicetype ?? 0,
      test: false,
      at: 2,
      currency: 'USD',
      enriched: true,
      closedBy: 'all_answered',
      groupsExpected: 1,
      groupsAnswered: 1,
      receivedAt: nowMs,
      tookMs: 4,
      imps,
    };
  };
}

function mediaOf({ video, audio, native }: BidRequest['imp'][number]): ImpOutcome['mediaType'] {
  return video ? 'video' : audio ? 'audio' : native ? 'native' : 'banner';
}
