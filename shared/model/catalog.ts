/**
 * What is configured: campaigns, creatives, publishers, bidders, keys and tie salts. Each is a
 * stream of versions in the topic `config_changes`; the catalog is their fold. Nothing else
 * stores configuration, so it survives the loss of every store.
 *
 * What was written once must fold for ever, so these shapes only ever grow milder. `/admin`, where
 * people write, asks for more: `services/gateway/admin-shapes.ts`.
 */
import { z } from 'zod';

const id = z.string().min(1).max(128);
const micros = z.number().int().nonnegative();

/** A bidder is one seat of the auction and belongs to one competing bidding group. */
export const Bidder = z.object({
  id,
  name: z.string(),
  group: id,
  active: z.boolean().default(true),
});
export type Bidder = z.infer<typeof Bidder>;

export const Campaign = z.object({
  id,
  name: z.string(),
  /** The bidder (seat) that runs it. */
  seat: id,
  active: z.boolean().default(true),
  /** Advertiser domains, checked against `badv` (OpenRTB Bid.adomain). */
  adomain: z.array(z.string()).min(1),
  /** IAB content categories of the ads (OpenRTB Bid.cat). */
  cat: z.array(z.string()).default([]),
  baseCpmMicros: micros,
  currency: z.literal('USD').default('USD'),
  targeting: z.object({
    /** Interest categories; the best score the user has in any of them decides the price tier. */
    interests: z.array(z.string()).default([]),
    /** ISO-3166-1 alpha-3, as OpenRTB Geo.country; empty: everywhere. */
    countries: z.array(z.string()).default([]),
    /** Only these site domains or app bundles; empty: all. */
    inventory: z.array(z.string()).default([]),
  }).prefault({}),
});
export type Campaign = z.infer<typeof Campaign>;

export const Creative = z.object({
  id,
  campaignId: id,
  type: z.enum(['banner', 'video', 'audio', 'native']),
  /** Pixels; 0 where the type has no size (audio, native). */
  w: z.number().int().nonnegative().default(0),
  h: z.number().int().nonnegative().default(0),
  /** Seconds, video and audio only. */
  dur: z.number().int().positive().optional(),
  mimes: z.array(z.string()).default([]),
  attr: z.array(z.number().int()).default([]),
  adm: z.string().min(1),
  active: z.boolean().default(true),
});
export type Creative = z.infer<typeof Creative>;

export const Publisher = z.object({
  id,
  name: z.string(),
  active: z.boolean().default(true),
  /** The publisher that requests without a key are counted for; loopback only. */
  demo: z.boolean().default(false),
});
export type Publisher = z.infer<typeof Publisher>;

export const Key = z.object({
  id,
  role: z.enum(['publisher', 'admin']),
  /** Whose key it is: a publisher's id; empty for an admin. */
  owner: z.string(),
  name: z.string(),
  /** SHA-256 of the secret, hex. The secret itself (192 random bits) is shown once and kept nowhere. */
  hash: z.string().regex(/^[0-9a-f]{64}$/),
});
export type Key = z.infer<typeof Key>;

/** The secret of a day's tie-breaks; its hash is public before, the salt itself after the day. */
export const Salt = z.object({
  /** The day, UTC, `2026-11-22`. */
  id: z.iso.date(),
  salt: z.string().regex(/^[0-9a-f]{64}$/),
});
export type Salt = z.infer<typeof Salt>;

/** Marks that something was done once for this installation, such as loading the demo data. */
export const Marker = z.object({ id });
export type Marker = z.infer<typeof Marker>;

export const ENTITIES = {
  bidder: Bidder,
  campaign: Campaign,
  creative: Creative,
  publisher: Publisher,
  key: Key,
  salt: Salt,
  marker: Marker,
} as const;

const changeBase = { v: z.literal(1), at: z.number().int(), actor: z.string(), id };

/** One version of one entity; `value: null` removes it. */
export const ConfigChange = z.discriminatedUnion('kind', [
  z.object({ ...changeBase, kind: z.literal('bidder'), value: Bidder.nullable() }),
  z.object({ ...changeBase, kind: z.literal('campaign'), value: Campaign.nullable() }),
  z.object({ ...changeBase, kind: z.literal('creative'), value: Creative.nullable() }),
  z.object({ ...changeBase, kind: z.literal('publisher'), value: Publisher.nullable() }),
  z.object({ ...changeBase, kind: z.literal('key'), value: Key.nullable() }),
  z.object({ ...changeBase, kind: z.literal('salt'), value: Salt.nullable() }),
  z.object({ ...changeBase, kind: z.literal('marker'), value: Marker.nullable() }),
]);
export type ConfigChange = z.infer<typeof ConfigChange>;

/** The fold of all changes. `version` counts the changes applied: an index made of it is fresh while it stands. */
export interface Catalog {
  version: number;
  bidder: Map<string, Bidder>;
  campaign: Map<string, Campaign>;
  creative: Map<string, Creative>;
  publisher: Map<string, Publisher>;
  key: Map<string, Key>;
  salt: Map<string, Salt>;
  marker: Map<string, Marker>;
}

export function emptyCatalog(): Catalog {
  return {
    version: 0,
    bidder: new Map(),
    campaign: new Map(),
    creative: new Map(),
    publisher: new Map(),
    key: new Map(),
    salt: new Map(),
    marker: new Map(),
  };
}

/** Applies one change in place. Of a day's salts the first stands: it may have decided auctions already. */
export function applyChange(catalog: Catalog, change: ConfigChange): void {
  catalog.version++;
  if (change.kind === 'salt' && catalog.salt.has(change.id)) return;
  const entities = catalog[change.kind] as Map<string, unknown>;
  if (change.value === null) entities.delete(change.id);
  else entities.set(change.id, change.value);
}

const groupsOf = new WeakMap<Catalog, { version: number; groups: readonly string[] }>();

/** The groups an auction waits for: those with at least one active bidder, sorted. Made once per version. */
export function biddingGroups(catalog: Catalog): readonly string[] {
  const known = groupsOf.get(catalog);
  if (known?.version === catalog.version) return known.groups;
  const groups = new Set<string>();
  for (const bidder of catalog.bidder.values()) if (bidder.active) groups.add(bidder.group);
  const sorted = [...groups].sort();
  groupsOf.set(catalog, { version: catalog.version, groups: sorted });
  return sorted;
}
