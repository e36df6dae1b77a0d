/** An auction as a file for tests/auctions: the same request, the same bids, the same result. Pure. */
import type { AuctionAnswer } from './answers.ts';
import { microsToCpm } from '#shared/model/money.ts';

type Tree = { [field: string]: true | Tree };

/** What a scenario knows of a request; whatever else was sent has no say in an auction. */
const BY_LENGTH: Tree = { mincpmpersec: true, durfloors: true };
const MEDIA: Tree = {
  ...BY_LENGTH,
  mimes: true,
  minduration: true,
  maxduration: true,
  rqddurs: true,
  battr: true,
};
const REQUEST: Tree = {
  id: true,
  site: true,
  app: true,
  at: true,
  wseat: true,
  bseat: true,
  acat: true,
  bcat: true,
  badv: true,
  device: { w: true, h: true },
  imp: {
    id: true,
    instl: true,
    tagid: true,
    bidfloor: true,
    secure: true,
    banner: {
      w: true,
      h: true,
      battr: true,
      format: { w: true, h: true, wratio: true, hratio: true, wmin: true },
    },
    video: MEDIA,
    audio: MEDIA,
    native: { request: true, battr: true },
    pmp: {
      private_auction: true,
      deals: { ...BY_LENGTH, id: true, bidfloor: true, at: true, wseat: true, wadomain: true },
    },
  },
};
const BID = [
  'impid',
  'currency',
  'mtype',
  'adomain',
  'crid',
  'cid',
  'cat',
  'attr',
  'w',
  'h',
  'dur',
  'dealid',
  'priceMicros',
] as const;

/** JSON text; see tests/auctions/README.md. Markup is left to the scenario's own. */
export function scenarioOf({ auction_id, details, imps }: AuctionAnswer): string {
  if (!details) return '';
  const bids = details.groups.flatMap(({ group, seats }) =>
    seats.flatMap(({ seat, bids }) =>
      bids.map((bid) => ({
        seat,
        group,
        ...Object.fromEntries(BID.map((name) => [name, bid[name]])),
      }))
    )
  );
  return JSON.stringify(
    {
      name: `auction ${auction_id} as it was held`,
      why: 'what the exchange decided must stay as it was',
      auctionId: auction_id,
      rules: {
        increment: microsToCpm(details.rules.incrementMicros),
        defaultFloor: microsToCpm(details.rules.defaultFloorMicros),
      },
      request: picked(details.request, REQUEST),
      bids,
      expect: {
        imps: imps.map(({ imp_id, seat, price, bids, eligible }) => ({
          impid: imp_id,
          seat,
          ...(price !== null && { price }),
          bids,
          eligible,
        })),
        fates: details.fates.map(({ seat, impid, crid, status, loss }) => ({
          seat,
          impid,
          crid,
          status,
          loss,
        })),
      },
    },
    null,
    2,
  );
}

function picked(value: unknown, tree: Tree | true): unknown {
  if (tree === true || typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => picked(item, tree));
  const fields = Object.entries(value).filter(([name]) => tree[name] !== undefined);
  return Object.fromEntries(fields.map(([name, part]) => [name, picked(part, tree[name]!)]));
}
