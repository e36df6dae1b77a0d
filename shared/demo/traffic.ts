/**
 * Sample traffic: reproducible OpenRTB 2.6 requests that look like a working day of several
 * publishers. A request is a pure function of seed and sequence, so request 5,000 can be made
 * without the 4,999 before it and two senders can share one stream.
 */
import type { BidRequest, Device, Geo, User } from '../model/openrtb.ts';
import { type DeviceModel, DEVICES, type Town, TOWNS } from './audience.ts';
import { type Place, PLACES } from './inventory.ts';
import { DEMO_PROFILES, demoUserId } from './profiles.ts';
import { seededRandom } from './random.ts';
import { type Random, sampleImps, weighted } from './sample-imps.ts';

/** Of the requests: users with a profile; others carry an id nobody knows, or none. */
const KNOWN_USER_SHARE = 0.7;
const NO_USER_SHARE = 0.15;
/** How unequal users are: the busiest tenth then makes almost a third of the visits. */
const POPULARITY_SKEW = 2;
/** Visitors without a profile. Many, so that hardly one of them comes twice. */
const UNKNOWN_USERS = 1_000_000;

const GDPR_SHARE = 0.3;
const CONSENT_SHARE = 0.85;
const LMT_SHARE = 0.06;
const COPPA_SHARE = 0.02;
const US_PRIVACY_SHARE = 0.2;
const FIRST_PRICE_SHARE = 0.25;
const BLOCKS_ADVERTISERS_SHARE = 0.12;
const BLOCKS_CATEGORIES_SHARE = 0.15;
const IPV6_SHARE = 0.15;

/** ms a publisher waits; as seen in the field, most between 100 and 300. */
const TMAX_CHOICES_MS = [80, 100, 100, 120, 150, 200, 250, 300];
const BLOCKED_ADVERTISERS = ['rival.example', 'betting.example', 'loans.example', 'diet.example'];
/** Gambling, dating, alcohol, politics, tobacco in IAB Content Taxonomy 1.0. */
const BLOCKED_CATEGORIES = ['IAB9-7', 'IAB14-1', 'IAB8-5', 'IAB11-4', 'IAB8-18'];
/** A well-formed TCF 2 string that grants every purpose; from the framework's own examples. */
const TCF_CONSENT = 'COvFyGBOvFyGBAbAAAENAPCAAOAAAAAAAAAAAEEUACCKAAA';

export interface TrafficOptions {
  /** How many of the seeded users (`user-001`, …) visit; default: those of the demo. */
  users?: number;
}

/**
 * Gives the request of a sequence number (0, 1, …). Its id is `<seed>-<sequence>`, so ids repeat
 * only when seed and sequence do. Parts of it are shared between requests: MUST NOT be changed.
 */
export function sampleRequests(
  seed: number,
  options: TrafficOptions = {},
): (sequence: number) => BidRequest {
  const users = options.users ?? DEMO_PROFILES;
  return (sequence) => {
    const random = seededRandom(mix(seed, sequence));
    const place = weighted(random, PLACES);
    const device = weighted(random, DEVICES_OF[audienceOf(place)]);
    const town = weighted(random, TOWNS);
    const user = sampleUser(random, users);
    const request: BidRequest = {
      id: `${seed}-${sequence}`,
      imp: sampleImps(random, place),
      ...placeOf(random, place),
      device: sampleDevice(random, device, town),
      at: random() < FIRST_PRICE_SHARE ? 1 : 2,
      tmax: TMAX_CHOICES_MS[Math.floor(random() * TMAX_CHOICES_MS.length)]!,
      cur: ['USD'],
    };
    if (user !== undefined) request.user = user;
    addPrivacy(random, request, town);
    if (random() < BLOCKS_ADVERTISERS_SHARE) request.badv = some(random, BLOCKED_ADVERTISERS);
    if (random() < BLOCKS_CATEGORIES_SHARE) request.bcat = some(random, BLOCKED_CATEGORIES);
    return request;
  };
}

/**
 * The day curve: how busy a time of day is against the day's mean (1 on average; 0.56 at 06:00,
 * 1.54 at 21:00, with a shoulder at noon).
 * @param timeOfDay 0 = midnight to 1 = the next midnight
 */
export function rateAt(timeOfDay: number): number {
  const turn = 2 * Math.PI;
  const evening = 0.42 * Math.cos(turn * (timeOfDay - 20 / 24));
  const noon = 0.15 * Math.cos(2 * turn * (timeOfDay - 10 / 24));
  return 1 + evening + noon;
}

/** Neighbouring sequences must not give neighbouring streams. */
function mix(seed: number, sequence: number): number {
  const mixed = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(sequence + 1, 0xc2b2ae35);
  return (mixed ^ (mixed >>> 15)) >>> 0;
}

const DEVICES_OF = {
  everyone: DEVICES.filter((device) => device.devicetype !== 3),
  mobile: DEVICES.filter((device) => device.devicetype === 4 || device.devicetype === 5),
  television: DEVICES.filter((device) => device.devicetype === 3),
} as const;

function audienceOf(place: Place): keyof typeof DEVICES_OF {
  if (place.layout === 'television') return 'television';
  return place.kind === 'app' ? 'mobile' : 'everyone';
}

function placeOf(random: Random, place: Place): Pick<BidRequest, 'site' | 'app'> {
  const { name, title, cat, publisher } = place;
  if (place.kind === 'app') {
    const id = `app-${name.split('.').at(-1)}`;
    const storeurl = `https://store.example/apps/${name}`;
    return { app: { id, name: title, bundle: name, storeurl, cat, publisher } };
  }
  const section = place.sections[Math.floor(random() * place.sections.length)]!;
  const page = `https://${name}/${section}/${1 + Math.floor(random() * 400)}`;
  const id = `site-${name.split('.')[0]}`;
  return { site: { id, name: title, domain: name, cat, page, publisher } };
}

function sampleUser(random: Random, users: number): User | undefined {
  const draw = random();
  if (draw < NO_USER_SHARE) return undefined;
  if (draw > 1 - KNOWN_USER_SHARE) {
    return { id: demoUserId(1 + Math.floor(users * random() ** POPULARITY_SKEW)) };
  }
  return { id: `visitor-${Math.floor(random() * UNKNOWN_USERS).toString(36)}` };
}

function sampleDevice(random: Random, model: DeviceModel, town: Town): Device {
  const { ua, devicetype, os, w, h } = model;
  const device: Device = { ua, devicetype, os, w, h, language: town.language, geo: geoOf(town) };
  // Addresses of the ranges kept for documentation (RFC 5737, RFC 3849).
  if (random() < IPV6_SHARE) device.ipv6 = `2001:db8::${hex(random)}:${hex(random)}`;
  else device.ip = `${DOCUMENTATION_NETS[Math.floor(random() * 3)]}.${Math.floor(random() * 256)}`;
  if (model.make !== '') device.make = model.make;
  if (model.model !== '') device.model = model.model;
  if (model.osv !== '') device.osv = model.osv;
  if (random() < LMT_SHARE) device.lmt = 1;
  return device;
}
const DOCUMENTATION_NETS = ['192.0.2', '198.51.100', '203.0.113'];

function geoOf(town: Town): Geo {
  const { country, region, city, lat, lon } = town;
  return { country, region, city, lat, lon };
}

function addPrivacy(random: Random, request: BidRequest, town: Town): void {
  const regs: NonNullable<BidRequest['regs']> = {};
  if (random() < COPPA_SHARE) regs.coppa = 1;
  if (town.gdpr && random() < GDPR_SHARE / EUROPEAN_SHARE) {
    regs.gdpr = 1;
    if (request.user !== undefined && random() < CONSENT_SHARE) request.user.consent = TCF_CONSENT;
  }
  if (town.country === 'USA' && random() < US_PRIVACY_SHARE) regs.us_privacy = '1YNN';
  if (Object.keys(regs).length > 0) request.regs = regs;
}
const WEIGHT_SUM = TOWNS.reduce((sum, town) => sum + town.weight, 0);
const EUROPEAN_SHARE = TOWNS.filter((town) => town.gdpr)
  .reduce((sum, town) => sum + town.weight, 0) / WEIGHT_SUM;

/** One or more neighbours among the values. */
function some(random: Random, values: readonly string[]): string[] {
  const first = Math.floor(random() * (values.length - 1));
  return values.slice(first, first + 1 + Math.floor(random() * (values.length - first)));
}

function hex(random: Random): string {
  return Math.floor(random() * 65536).toString(16);
}
