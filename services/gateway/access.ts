/**
 * Who may do what at the public door. On a loopback address requests without a key belong to the
 * demo publisher and may administer; anywhere else every request needs a key.
 */
import { Buffer } from 'node:buffer';
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Catalog } from '#shared/model/catalog.ts';

export type Caller =
  | { role: 'admin' }
  | { role: 'publisher'; publisherId: string };

export type Access =
  | { ok: true; caller: Caller }
  | { ok: false; status: 401 | 403; error: string };

export interface AccessRules {
  loopback: boolean;
  adminKey: string | undefined;
  /** The port of the door, to recognise its own name in `Host`. */
  catalog: Catalog;
}

/** The id of a key: it ends at the first `_` of what {@link KEY_PATTERN} reads. */
export const KEY_ID = /^[0-9a-z]{1,32}$/;
/** A key as it is shown once: `hk_<id>_<secret>`. */
const KEY_PATTERN = /^hk_([0-9a-z]{1,32})_([0-9A-Za-z_-]{32,64})$/;

export function hashSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

/** The key in `Authorization: Bearer`, `X-Api-Key`, or the password of `Authorization: Basic`. */
export function presentedKey(headers: Headers): string | undefined {
  const apiKey = headers.get('x-api-key');
  if (apiKey !== null) return apiKey;
  const authorization = headers.get('authorization');
  if (authorization === null) return undefined;
  // An ADMIN_KEY may be several words.
  const [, scheme = '', value = ''] = /^(\S+) +(.*)$/.exec(authorization) ?? [];
  if (/^bearer$/i.test(scheme)) return value;
  if (/^basic$/i.test(scheme)) {
    return Buffer.from(value, 'base64').toString().replace(/^[^:]*:/, '');
  }
  return '';
}

export function identify(headers: Headers, rules: AccessRules): Access {
  const key = presentedKey(headers);
  if (key === undefined) {
    if (!rules.loopback) {
      return refused('A key is needed: send it as Authorization: Bearer or X-Api-Key');
    }
    return { ok: true, caller: { role: 'admin' } };
  }
  if (rules.adminKey !== undefined && sameText(key, rules.adminKey)) {
    return { ok: true, caller: { role: 'admin' } };
  }
  const [, id, secret] = KEY_PATTERN.exec(key) ?? [];
  const known = id === undefined ? undefined : rules.catalog.key.get(id);
  // A made-up hash is compared too, so that the time tells nothing of which ids exist.
  const matches = sameText(hashSecret(secret ?? ''), known?.hash ?? '0'.repeat(64));
  if (!known || !matches) return refused('The key is not known');
  if (known.role === 'admin') return { ok: true, caller: { role: 'admin' } };
  const publisher = rules.catalog.publisher.get(known.owner);
  if (!publisher?.active) {
    return { ok: false, status: 403, error: 'The publisher of this key is not active' };
  }
  return { ok: true, caller: { role: 'publisher', publisherId: publisher.id } };
}

/** What is said where {@link publisherOf} finds nobody. */
export const NO_PUBLISHER = 'The key of a publisher is needed: no demo publisher is active';

/** The publisher a request counts for: a key's own, otherwise the demo publisher. */
export function publisherOf(caller: Caller, catalog: Catalog): string | undefined {
  if (caller.role === 'publisher') return caller.publisherId;
  for (const { id, active, demo } of catalog.publisher.values()) if (demo && active) return id;
  return undefined;
}

/**
 * Refuses what a foreign page could make a browser send to a loopback address: a `Host` that is not
 * this machine's (DNS rebinding), or an `Origin` that is not the door itself.
 */
export function foreignRequest(headers: Headers, loopback: boolean): string | undefined {
  const host = headers.get('host') ?? '';
  if (loopback && !LOOPBACK_HOST.test(host)) {
    return `Host ${JSON.stringify(host)} is not allowed: this exchange listens on loopback only`;
  }
  const origin = headers.get('origin');
  if (origin !== null && origin.replace(/^https?:\/\//, '') !== host) {
    return `Origin ${JSON.stringify(origin)} is not allowed: it is not this exchange`;
  }
  return undefined;
}
const LOOPBACK_HOST = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d{1,5})?$/i;

function refused(error: string): Access {
  return { ok: false, status: 401, error };
}

/** Compares in a time that does not depend on where the texts differ. */
export function sameText(a: string, b: string): boolean {
  const [first, second] = [a, b].map((text) => createHash('sha256').update(text).digest());
  return timingSafeEqual(first!, second!);
}
