/**
 * What may come in through `/admin`, per kind: stricter than `shared/model/catalog.ts`, which has to
 * fold what older journals hold. Here a field is required where leaving it out would cost money: PUT
 * replaces the whole entity, so a default would start again what was stopped (`active`), let a
 * campaign run everywhere (`targeting`) or past block lists (`cat`), or make a creative that fits
 * nowhere (`w`, `h`, `dur`) or is sent to players that cannot show it (`mimes`).
 *
 * Each text completes "allowed is …". Ids that name something else are texts: `admin-references.ts`
 * holds them against the catalog.
 */
import { z } from 'zod';
import { MICROS_PER_CPM, PRICE_STEP_MICROS } from '#shared/model/money.ts';
import type { Ext } from '#shared/model/openrtb.ts';
import { shape, text } from '#shared/model/shapes.ts';
import { KEY_ID } from './access.ts';

/** Salts stay secret until their day is over, markers are the exchange's own. */
export const OPEN_KINDS = ['bidder', 'campaign', 'creative', 'publisher', 'key'] as const;
export type OpenKind = (typeof OPEN_KINDS)[number];

/** Ids stand in addresses, in every outcome and in reports: what needs no quoting anywhere. */
export const ID_LENGTH_MAX = 64;
export const ID = new RegExp(`^[A-Za-z0-9][A-Za-z0-9._-]{0,${ID_LENGTH_MAX - 1}}$`);
export const AN_ID =
  `1 to ${ID_LENGTH_MAX} letters, digits, ".", "_" or "-", a letter or digit first`;

/** What a new id has to look like. */
export function idRule(kind: OpenKind): { pattern: RegExp; allowed: string } {
  if (kind !== 'key') return { pattern: ID, allowed: AN_ID };
  return { pattern: KEY_ID, allowed: '1 to 32 digits or small letters' };
}

/** Largest base that `price.ts` of bidding multiplies exactly. A smaller one than a step never bids. */
const BASE_CPM_MAX = 60_000;
/** Larger ones would share a key with another size (`sizeKey` of bidding). */
const PIXELS_MAX = 65_535;
/** An hour: what is longer was meant in milliseconds. */
const SECONDS_MAX = 3_600;

const name = matching(/^.{1,200}$/su, 'a string of 1 to 200 characters');
const active = z.boolean({ error: 'true or false' });
const DOMAIN = /^[^\s/?#@:\\]{1,253}$/;
/** As the auction takes one where a publisher blocks advertisers: `ford.com.` would be refused there. */
const ADVERTISER = /^(?=.{1,253}$)[\w\u{80}-\u{10ffff}-]+(?:\.[\w\u{80}-\u{10ffff}-]+)*$/u;
const category = matching(/^[\w.-]{1,64}$/, 'an IAB category, such as "IAB9-30"');
const mime = matching(/^[\w.+-]+\/[\w.+-]+$/, 'a media type, such as "video/mp4"');
const mimes = z.array(mime, { error: 'a list of media types, such as ["video/mp4"]' });

const Bidder = shape({ name, group: text, active });

const Campaign = shape({
  name,
  seat: text,
  active,
  adomain: z.array(matching(ADVERTISER, 'a domain, such as "example.com"'), {
    error: 'a list of domains, such as ["example.com"]',
  }).min(1, { error: 'a list of at least one domain' }),
  cat: z.array(category, { error: 'a list of IAB categories, empty where there is none' }),
  baseCpmMicros: whole(
    PRICE_STEP_MICROS,
    BASE_CPM_MAX * MICROS_PER_CPM,
    'micros (1 CPM is 1000000)',
  ),
  currency: z.literal('USD', { error: '"USD"' }).optional(),
  targeting: z.object({
    interests: z.array(matching(/^.{1,128}$/su, 'a string of 1 to 128 characters'), {
      error: 'a list of interests, empty or left out: whoever looks',
    }).optional(),
    countries: z.array(matching(/^[A-Z]{3}$/, 'an ISO-3166-1 alpha-3 code, such as "DEU"'), {
      error: 'a list of countries, empty or left out: everywhere',
    }).optional(),
    inventory: z.array(matching(DOMAIN, 'the domain of a site or the bundle of an app'), {
      error: 'a list of domains and bundles, empty or left out: all',
    }).optional(),
  }, { error: 'an object with interests, countries and inventory; {} targets everybody' }),
});

const anyCreative = {
  campaignId: text,
  type: z.enum(['banner', 'video', 'audio', 'native'], { error: 'banner, video, audio or native' }),
  attr: z.array(whole(1, 1_000, 'creative attributes'), { error: 'a list of numbers' }).optional(),
  adm: matching(/\S/, 'the markup of the ad, a string'),
  active,
};
const pixels = whole(1, PIXELS_MAX, 'pixels');
const noSize = z.literal(0, { error: '0 or nothing: this type has no size' }).optional();
const played = {
  dur: whole(1, SECONDS_MAX, 'seconds'),
  mimes: mimes.min(1, { error: 'a list of at least one media type' }),
};
const CREATIVES = new Map<unknown, z.ZodObject>([
  ['banner', shape({ ...anyCreative, w: pixels, h: pixels, mimes: mimes.optional() })],
  ['video', shape({ ...anyCreative, w: pixels, h: pixels, ...played })],
  ['audio', shape({ ...anyCreative, w: noSize, h: noSize, ...played })],
  ['native', shape({ ...anyCreative, w: noSize, h: noSize, mimes: mimes.optional() })],
]);
/** What the other fields have to be is unknown while the type is. */
const later = z.unknown().optional();
const Creative = shape({ ...anyCreative, w: later, h: later, dur: later, mimes: later });

const Publisher = shape({
  name,
  active,
  demo: z.boolean({ error: 'true or false' }).optional(),
});

const anyKey = {
  role: z.enum(['publisher', 'admin'], { error: 'publisher or admin' }),
  name,
  hash: matching(/^[0-9a-f]{64}$/, 'the SHA-256 of the secret, 64 digits and letters a to f'),
};
const KEYS = new Map<unknown, z.ZodObject>([
  ['publisher', shape({ ...anyKey, owner: text })],
  ['admin', shape({ ...anyKey, owner: z.literal('', { error: '"" or nothing' }).default('') })],
]);
const Key = shape({ ...anyKey, owner: later });

/** The fields of an entity, without its id; those of creatives and keys depend on their type. */
export function shapeOf(kind: OpenKind, json: Ext): z.ZodObject {
  switch (kind) {
    case 'bidder':
      return Bidder;
    case 'campaign':
      return Campaign;
    case 'creative':
      return CREATIVES.get(json['type']) ?? Creative;
    case 'publisher':
      return Publisher;
    case 'key':
      return KEYS.get(json['role']) ?? Key;
  }
}

function matching(pattern: RegExp, allowed: string): z.ZodString {
  return z.string({ error: allowed }).regex(pattern, { error: allowed });
}

function whole(least: number, most: number, unit: string): z.ZodCustom<number> {
  const fits = (value: unknown): boolean =>
    Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most;
  return z.custom<number>(fits, `a whole number of ${unit} from ${least} to ${most}`);
}
