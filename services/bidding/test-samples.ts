/** Small catalogs, requests and profiles for the tests of this folder. */
import {
  applyChange,
  Bidder,
  Campaign,
  type Catalog,
  type ConfigChange,
  Creative,
  emptyCatalog,
} from '#shared/model/catalog.ts';
import type { BidRequestMessage } from '#shared/model/events.ts';
import type { BidRequest, Imp } from '#shared/model/openrtb.ts';
import type { Profile } from '#shared/model/profile.ts';

export const NOW_MS = Date.UTC(2026, 10, 22, 12);
export const DAY_MS = 24 * 3_600_000;

/** A catalog of these changes, in their order. */
export function sampleCatalog(...changes: ConfigChange[]): Catalog {
  const catalog = emptyCatalog();
  for (const change of changes) applyChange(catalog, change);
  return catalog;
}

export function bidder(id: string, group = 'house', active = true): ConfigChange {
  return { ...change(id), kind: 'bidder', value: Bidder.parse({ id, name: id, group, active }) };
}

/** 1 CPM, no targeting, unless said otherwise. */
export function campaign(
  id: string,
  seat: string,
  part: Partial<Omit<Campaign, 'targeting'>> & { targeting?: Partial<Campaign['targeting']> } = {},
): ConfigChange {
  const adomain = [`${id}.example`];
  const value = Campaign.parse({ id, name: id, seat, adomain, baseCpmMicros: 1_000_000, ...part });
  return { ...change(id), kind: 'campaign', value };
}

/** A 300x250 banner, unless said otherwise. */
export function creative(id: string, campaignId: string, part: Partial<Creative> = {}) {
  const banner = { id, campaignId, type: 'banner', w: 300, h: 250, adm: `<b>${id}</b>` };
  return {
    ...change(id),
    kind: 'creative',
    value: Creative.parse({ ...banner, ...part }),
  } satisfies ConfigChange;
}

/** A campaign with one 300x250 banner named after it. */
export function campaignWithBanner(
  ...[id, seat, part]: Parameters<typeof campaign>
): ConfigChange[] {
  return [campaign(id, seat, part), creative(`${id}-banner`, id)];
}

export function imp(part: Partial<Imp> = {}): Imp {
  return { id: '1', banner: { format: [{ w: 300, h: 250 }] }, ...part };
}

export function request(part: Partial<BidRequest> = {}): BidRequest {
  return { id: 'r1', imp: [imp()], site: { domain: 'news.example' }, ...part };
}

export function profile(part: Partial<Profile> = {}): Profile {
  return {
    userId: 'user-001',
    locale: 'en-GB',
    interests: [],
    demographics: undefined,
    segments: [],
    history: [],
    consent: { personalisation: true, tcf: '' },
    updatedAtMs: NOW_MS,
    ...part,
  };
}

export function message(auctionId: string, part: Partial<BidRequestMessage>): BidRequestMessage {
  return {
    v: 1,
    auctionId,
    traceparent: `00-${'1'.repeat(32)}-${'2'.repeat(16)}-00`,
    issuedAt: NOW_MS,
    deadline: NOW_MS + 100,
    publisherId: 'demo',
    source: 'openrtb',
    request: request(),
    groups: ['house'],
    receivedAt: NOW_MS,
    ...part,
  };
}

function change(id: string) {
  return { v: 1, at: NOW_MS, actor: 'test', id } as const;
}
