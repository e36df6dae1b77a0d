/**
 * The catalog as the bidder needs it: per group its seats, per seat its campaigns and, by media
 * type and banner size, the creatives that could run. Made anew when the catalog's version changes.
 */
import { dnsName } from '#shared/model/bare-domain.ts';
import type { Bidder, Campaign, Catalog, Creative } from '#shared/model/catalog.ts';
import type { MediaType } from '#shared/model/openrtb.ts';
import { mayLoadSecurely } from '#shared/model/secure-markup.ts';
import { NativeMarkup } from './native-bid.ts';
import { ENGAGEMENT_NEUTRAL_PERMILLE, priceMicros, TIER_WITHOUT_MATCH_PERCENT } from './price.ts';
import { UserMatch } from './user-match.ts';
import { vastProtocol } from './vast.ts';

export interface CampaignIndex {
  /** Of the catalog it was made of. */
  readonly version: number;
  /** Active bidders by group, in the order of their ids; a group without one is absent. */
  readonly groups: ReadonlyMap<string, readonly IndexedSeat[]>;
  readonly match: UserMatch;
}

export interface IndexedSeat {
  readonly id: string;
  /** In the order of their ids, which decides between equal prices. */
  readonly campaigns: readonly IndexedCampaign[];
  /** By {@link sizeKey}; within a size in the order of the campaigns. */
  readonly banners: ReadonlyMap<number, readonly Candidate[]>;
  readonly video: readonly Candidate[];
  readonly audio: readonly Candidate[];
  readonly native: readonly Candidate[];
  /** Scratch of the request in work: the price per campaign, see `bid-for-seat.ts`. */
  readonly prices: Float64Array;
}

export interface IndexedCampaign {
  readonly id: string;
  /** Place among the seat's campaigns. */
  readonly order: number;
  readonly baseCpmMicros: number;
  /** The price where the user is unknown, or nothing is targeted. */
  readonly unmatchedPriceMicros: number;
  readonly currency: string;
  readonly adomain: string[];
  readonly cat: string[];
  /** The names in a block list that mean one of `adomain`, in lower case: itself and those above it. */
  readonly domainLineages: readonly string[];
  /** Per category of `cat` the names that block it: itself and its parent (IAB9-30, IAB9). */
  readonly catLineages: readonly (readonly string[])[];
  /** Numbers of the targeted categories. */
  readonly interests: readonly number[];
  /** Undefined: everywhere. */
  readonly countries: ReadonlySet<string> | undefined;
  readonly inventory: ReadonlySet<string> | undefined;
}

/** A creative that may run, with its campaign. */
export interface Candidate {
  readonly campaign: IndexedCampaign;
  readonly creative: Creative;
  /** The VAST version of the markup as an OpenRTB protocol; 0: no VAST. */
  readonly protocol: number;
  /** Of a native creative whose markup can be read. */
  readonly native: NativeMarkup | undefined;
  /** Whether the markup may run where an imp is secure; of a native ad what is served of it decides. */
  readonly secure: boolean;
}

export function indexCampaigns(catalog: Catalog): CampaignIndex {
  const categories = new Map<string, number>();
  const campaignsOf = groupBy(catalog.campaign.values(), (campaign) => campaign.seat);
  const creativesOf = groupBy(catalog.creative.values(), (creative) => creative.campaignId);
  const bidders = [...catalog.bidder.values()].filter((bidder) => bidder.active).sort(byId);
  const groups = groupBy(bidders, (bidder) => bidder.group);
  const seatOf = (bidder: Bidder) =>
    indexSeat(bidder.id, campaignsOf.get(bidder.id) ?? [], creativesOf, categories);
  return {
    version: catalog.version,
    groups: new Map([...groups].map(([group, members]) => [group, members.map(seatOf)])),
    match: new UserMatch(categories),
  };
}

/**
 * Width and height in one number. Sizes past 65,535 pixels can share a key with another size, so
 * whoever looks up compares width and height as well.
 */
export function sizeKey(w: number, h: number): number {
  return w * 65_536 + h;
}

function indexSeat(
  id: string,
  all: readonly Campaign[],
  creativesOf: ReadonlyMap<string, readonly Creative[]>,
  categories: Map<string, number>,
): IndexedSeat {
  const campaigns = all.filter((campaign) => campaign.active).sort(byId)
    .map((campaign, order) => indexCampaign(campaign, order, categories));
  const candidates = campaigns.flatMap((campaign) =>
    (creativesOf.get(campaign.id) ?? []).filter((creative) => creative.active).sort(byId)
      .map((creative): Candidate => {
        const { type, adm } = creative;
        const native = type === 'native' ? NativeMarkup.of(adm) : undefined;
        return {
          campaign,
          creative,
          protocol: vastProtocol(adm),
          native,
          secure: native !== undefined || mayLoadSecurely(adm),
        };
      })
  );
  const ofType = (type: MediaType) => candidates.filter(({ creative }) => creative.type === type);
  return {
    id,
    campaigns,
    banners: groupBy(ofType('banner'), ({ creative }) => sizeKey(creative.w, creative.h)),
    video: ofType('video'),
    audio: ofType('audio'),
    native: ofType('native'),
    prices: new Float64Array(campaigns.length),
  };
}

function indexCampaign(
  campaign: Campaign,
  order: number,
  categories: Map<string, number>,
): IndexedCampaign {
  const { id, baseCpmMicros, currency, adomain, cat, targeting } = campaign;
  return {
    id,
    order,
    baseCpmMicros,
    unmatchedPriceMicros: priceMicros(
      baseCpmMicros,
      TIER_WITHOUT_MATCH_PERCENT,
      ENGAGEMENT_NEUTRAL_PERMILLE,
    ),
    currency,
    adomain,
    cat,
    domainLineages: adomain.flatMap((domain) => domainLineage(dnsName(domain.toLowerCase()))),
    catLineages: cat.map((name) => [name, ...parentOf(name)]),
    interests: [...new Set(targeting.interests)].map((name) => numberOf(name, categories)),
    countries: setOrAll(targeting.countries),
    inventory: setOrAll(targeting.inventory.map((name) => name.toLowerCase())),
  };
}

function numberOf(name: string, categories: Map<string, number>): number {
  const known = categories.get(name) ?? categories.size;
  categories.set(name, known);
  return known;
}

/**
 * `shop.ford.com` and `ford.com`. Hardly anybody blocks all of `com`, and each name is looked up in
 * each list: that is left to the auction's check.
 */
function domainLineage(domain: string): string[] {
  const dot = domain.indexOf('.');
  const parent = domain.slice(dot + 1);
  return dot < 0 || !parent.includes('.') ? [domain] : [domain, ...domainLineage(parent)];
}

function parentOf(category: string): string[] {
  const dash = category.indexOf('-');
  return dash < 0 ? [] : [category.slice(0, dash)];
}

function setOrAll(names: readonly string[]): ReadonlySet<string> | undefined {
  return names.length === 0 ? undefined : new Set(names);
}

function groupBy<T, K>(items: Iterable<T>, keyOf: (item: T) => K): Map<K, T[]> {
  return Map.groupBy(items, keyOf);
}

/** By code unit, alike on every machine, unlike a locale's order. */
function byId(a: { id: string }, b: { id: string }): number {
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}
