/**
 * Reads the scenarios of tests/auctions: fills in what a scenario does not care about and refuses
 * fields it does not know, as a misspelt one would test nothing. The format is told in
 * tests/auctions/README.md.
 */
import type { AuctionRules, BidOffer, BidResponseMessage } from '#shared/model/events.ts';
import { cpmToMicros, SECOND_PRICE_INCREMENT_MICROS } from '#shared/model/money.ts';
import { type BidRequest, type Imp, mediaTypesOf, MTYPE } from '#shared/model/openrtb.ts';
import { z } from 'zod';

/** An object with these fields and no others; what is in them is up to the scenario. */
function known<Field extends string>(...fields: Field[]) {
  const shape = Object.fromEntries(fields.map((field) => [field, z.unknown().optional()]));
  return z.strictObject(shape as Record<Field, z.ZodOptional<z.ZodUnknown>>);
}

const byLength = ['mincpmpersec', 'durfloors'] as const;
const deal = known('id', 'bidfloor', 'at', 'wseat', 'wadomain', ...byLength);
const banner = known('w', 'h', 'battr').extend({
  format: z.array(known('w', 'h', 'wratio', 'hratio', 'wmin')).optional(),
});
const media = known('mimes', 'minduration', 'maxduration', 'rqddurs', 'battr', ...byLength);
const imp = known('id', 'instl', 'tagid', 'bidfloor', 'secure').extend({
  banner: banner.optional(),
  video: media.optional(),
  audio: media.optional(),
  native: known('request', 'battr').optional(),
  pmp: z.strictObject({ private_auction: z.int().optional(), deals: z.array(deal).optional() })
    .optional(),
});
const request = known('id', 'site', 'app', 'at', 'wseat', 'bseat', 'acat', 'bcat', 'badv').extend({
  device: known('w', 'h').optional(),
  imp: z.array(imp).optional(),
});
// deno-fmt-ignore
const bid = known(
  'id', 'impid', 'currency', 'mtype', 'adm', 'adomain', 'crid', 'cid', 'cat', 'attr', 'w', 'h',
  'dur', 'dealid', 'priceMicros',
).extend({
  seat: z.string(),
  group: z.string().default('house'),
  /** Decimal CPM. For what is none, `priceMicros` goes into the bid as it is. */
  price: z.number().optional(),
});

const Scenario = z.strictObject({
  name: z.string().min(10),
  why: z.string().min(10),
  auctionId: z.string().default('auction-1'),
  salt: z.string().default('salt'),
  rules: z.strictObject({
    increment: z.number().optional(),
    defaultFloor: z.number().optional(),
  }).prefault({}),
  request: request.prefault({}),
  bids: z.array(bid),
  expect: z.strictObject({
    /** Every imp, in the order of the request. `seat: null`: nobody won. */
    imps: z.array(z.strictObject({
      impid: z.string(),
      seat: z.string().nullable(),
      price: z.number().optional(),
      bids: z.int(),
      eligible: z.int(),
      bid: z.string().optional(),
      floor: z.number().optional(),
      mediaType: z.string().optional(),
      dealid: z.string().optional(),
      dur: z.int().optional(),
    })).min(1),
    /** Any of the fates. Each has to mean one bid: `bid`, `crid` and `impid` help where `seat` is not enough. */
    fates: z.array(z.strictObject({
      seat: z.string(),
      bid: z.string().optional(),
      crid: z.string().optional(),
      impid: z.string().optional(),
      status: z.enum(['won', 'lost', 'invalid']),
      loss: z.int(),
      /** A part of the sentence. */
      rule: z.string().optional(),
      /** Whether the bid took part in a draw. */
      draw: z.boolean().optional(),
    })),
  }),
});
export type Scenario = z.infer<typeof Scenario>;

/** The arguments of `runAuction()`. */
export interface ScenarioAuction {
  auction: { auctionId: string; request: BidRequest };
  answers: BidResponseMessage[];
  rules: AuctionRules;
  salt: string;
}

/** @throws with the path of the field when the text is no scenario. */
export function parseScenario(text: string): Scenario {
  const result = Scenario.safeParse(JSON.parse(text));
  if (!result.success) throw new Error(`Cannot read scenario: ${z.prettifyError(result.error)}`);
  return result.data;
}

export function toAuction({ auctionId, request, bids, rules, salt }: Scenario): ScenarioAuction {
  const imps = (request.imp ?? [{}]).map(toImp);
  const filled = { id: 'request-1', site: { domain: 'news.example' }, ...request, imp: imps };
  const groups = new Map<string, Map<string, BidOffer[]>>();
  for (const { group, seat, ...rest } of bids) {
    const seats = groups.get(group) ?? new Map<string, BidOffer[]>();
    const offers = seats.get(seat) ?? [];
    offers.push(toOffer(seat, offers.length + 1, rest, imps));
    groups.set(group, seats.set(seat, offers));
  }
  return {
    auction: { auctionId, request: filled as BidRequest },
    answers: [...groups].map(([group, seats]) => ({
      ...{ v: 1, auctionId, traceparent: '', issuedAt: 0, deadline: 0 },
      ...{ group, enriched: false, tookMs: 1 },
      seats: [...seats].map(([seat, offers]) => ({ seat, bids: offers, noBids: [] })),
    })),
    rules: {
      incrementMicros: rules.increment === undefined
        ? SECOND_PRICE_INCREMENT_MICROS
        : cpmToMicros(rules.increment),
      defaultFloorMicros: cpmToMicros(rules.defaultFloor ?? 0),
    },
    salt,
  };
}

function toImp(imp: object, index: number): Imp {
  const filled = { id: String(index + 1), ...imp } as Imp;
  return mediaTypesOf(filled).length > 0 ? filled : { ...filled, banner: { w: 300, h: 250 } };
}

/** A bid that fits its imp in everything the scenario says nothing of. */
function toOffer(
  seat: string,
  number: number,
  { price, ...fields }: Omit<Scenario['bids'][number], 'seat' | 'group'>,
  imps: Imp[],
): BidOffer {
  const imp = imps.find((candidate) => candidate.id === fields.impid) ?? imps[0]!;
  const type = mediaTypesOf(imp)[0]!;
  const size = type === 'banner' ? bannerSize(imp) : { w: 0, h: 0 };
  return {
    id: `${seat}-${number}`,
    impid: imp.id,
    ...(price !== undefined && { priceMicros: cpmToMicros(price) }),
    currency: 'USD',
    mtype: MTYPE[type],
    adm: '<p>ad</p>',
    adomain: [`${seat}.example`],
    crid: `${seat}-creative`,
    cid: `${seat}-campaign`,
    cat: [],
    attr: [],
    ...size,
    ...fields,
  } as BidOffer;
}

function bannerSize({ banner }: Imp): { w: number; h: number } {
  const { w, h } = banner?.format?.[0] ?? banner ?? {};
  return { w: w ?? 300, h: h ?? 250 };
}
