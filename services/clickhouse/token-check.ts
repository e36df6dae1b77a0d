/** The token as ClickHouse clients send a password, compared without telling where it differs. */
import { Buffer } from 'node:buffer';
import { createHash, timingSafeEqual } from 'node:crypto';

/** From `X-ClickHouse-Key`, `Authorization: Basic` or `Bearer`, or `?password=`; empty when absent. */
export function presentedToken(headers: Headers, search: URLSearchParams): string {
  const key = headers.get('x-clickhouse-key');
  if (key !== null) return key;
  const [scheme = '', value = ''] = (headers.get('authorization') ?? '').split(' ', 2);
  if (/^bearer$/i.test(scheme)) return value;
  if (/^basic$/i.test(scheme)) {
    const [, password = ''] = /^[^:]*:([^]*)$/.exec(Buffer.from(value, 'base64').toString()) ?? [];
    return password;
  }
  return search.get('password') ?? '';
}

export function sameToken(given: string, token: string): boolean {
  const [a, b] = [given, token].map((text) => createHash('sha256').update(text).digest());
  return timingSafeEqual(a!, b!);
}
