/**
 * Whose user may be followed from request to request, and requests without what would allow it where not: no
 * bidder sees it then, and nothing stores it (Prebid Server's privacy scrubber does alike).
 */
import type { BidRequest, Device, Ext, Geo, User } from './openrtb.ts';

/** What names a person, or tells of one (spec 3.2.20). */
const OF_USERS: ReadonlySet<string> = new Set([
  'id',
  'buyeruid',
  'yob',
  'gender',
  'keywords',
  'kwarray',
  'customdata',
  'data',
  'eids',
]);
/** The same in `user.ext`, where senders put what came with later versions. */
const OF_USERS_EXT: ReadonlySet<string> = new Set(['eids', 'data']);
/** Ids of a device (spec 3.2.18). */
const OF_DEVICES: ReadonlySet<string> = new Set([
  'ifa',
  'didsha1',
  'didmd5',
  'dpidsha1',
  'dpidmd5',
  'macsha1',
  'macmd5',
]);
/** Digits a coordinate keeps: about a kilometre. */
const GEO_DIGITS = 2;
/** A user who opted out of the sale of personal data (IAB CCPA 1.0). */
const OPTED_OUT = /^1[yn-]y[yn-]$/i;

/**
 * Not where the request is for children, the device limits ad tracking, the user opted out of the sale of
 * data, or the GDPR applies without a consent string. `gdpr`, `us_privacy` and `consent` were in `ext` before
 * OpenRTB 2.6, and many senders still put them there.
 */
export function mayIdentify({ regs, device, user }: BidRequest): boolean {
  if (device?.lmt === 1 || regs?.coppa === 1) return false;
  if (regs === undefined) return true;
  // Some send the field of today empty beside it, as they do `consent`.
  const usPrivacy = regs.us_privacy || regs.ext?.['us_privacy'];
  if (typeof usPrivacy === 'string' && OPTED_OUT.test(usPrivacy)) return false;
  const gdpr = regs.gdpr ?? regs.ext?.['gdpr'];
  // An `ext` may hold anything, and some write these in it.
  if (gdpr !== 1 && gdpr !== '1' && gdpr !== true) return true;
  const consent = user?.consent || user?.ext?.['consent'];
  return typeof consent === 'string' && consent !== '';
}

/**
 * Takes out of a request what {@link mayIdentify} forbids: ids and traits of the user, ids of the device, the
 * end of its address and the exact place. Country, region and what the device is stay.
 */
export function withholdIdentity(request: BidRequest): void {
  const { user, device } = request;
  if (user) request.user = anonymousUser(user);
  if (device) request.device = anonymousDevice(device);
}

function anonymousUser(user: User): User {
  const kept: User = without(user, OF_USERS);
  if (user.ext) kept.ext = without(user.ext, OF_USERS_EXT);
  if (user.geo) kept.geo = coarse(user.geo);
  return kept;
}

function anonymousDevice(device: Device): Device {
  const kept: Device = without(device, OF_DEVICES);
  if (device.geo) kept.geo = coarse(device.geo);
  if (device.ip !== undefined) kept.ip = network(device.ip);
  if (device.ipv6 !== undefined) kept.ipv6 = network(device.ipv6);
  return kept;
}

function coarse(geo: Geo): Geo {
  const kept = { ...geo };
  if (kept.lat !== undefined) kept.lat = rounded(kept.lat);
  if (kept.lon !== undefined) kept.lon = rounded(kept.lon);
  return kept;
}

function rounded(degrees: number): number {
  return Number(degrees.toFixed(GEO_DIGITS));
}

/** The first 24 bits of an IPv4 address, the first 48 of an IPv6 one; empty where it is none. */
function network(address: string): string {
  const v4 = /^(\d{1,3}\.\d{1,3}\.\d{1,3})\.\d{1,3}$/.exec(address);
  if (v4) return `${v4[1]}.0`;
  const hostname = /^[\da-f:.]+$/i.test(address) && URL.parse(`http://[${address}]`)?.hostname;
  if (!hostname) return '';
  const [start = '', end] = hostname.slice(1, -1).split('::');
  const first = start === '' ? [] : start.split(':');
  // What lies behind the first three groups may begin among them.
  const zeros = end === undefined ? 0 : 8 - first.length - (end === '' ? 0 : end.split(':').length);
  const groups = [...first, ...Array<string>(zeros).fill('0'), ...(end ?? '').split(':')];
  return new URL(`http://[${groups.slice(0, 3).join(':')}::]`).hostname.slice(1, -1);
}

function without<T extends object>(of: T | Ext, names: ReadonlySet<string>): T {
  return Object.fromEntries(Object.entries(of).filter(([name]) => !names.has(name))) as T;
}
