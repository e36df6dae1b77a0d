/** The installation under test and what the checks have learned of it so far. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isLoopback } from '#shared/config.ts';
import { ownSettings } from '../own-exchange.ts';

export interface SmokeAddresses {
  /** Origin of the public door. */
  url: string;
  /** For everything but bids; a publisher's key is not enough there. */
  adminKey?: string;
  publisherKey?: string;
  /** `host:port` of the profile service; undefined: of another machine, and nobody named it. */
  grpc?: string;
  /** Origin of the ClickHouse HTTP endpoint. */
  sql: string;
  /** Origin of the metrics port; undefined as above. */
  metrics?: string;
}

/** One answer may take this long before its check has failed: far above any tmax used here. */
export const REQUEST_MS = 5_000;
/** What was answered is in the API and in ClickHouse within seconds; a cold laptop gets more. */
const APPEAR_MS = 20_000;
const POLL_MS = 100;

/** Whether it is an address of this machine alone. */
export function isLocal({ hostname }: URL): boolean {
  return isLoopback(hostname.replace(/^\[|\]$/g, ''));
}

export class SmokeTarget {
  readonly addresses: SmokeAddresses;
  /** Unlike any other run's: what this run did is found by it. */
  readonly userId: string;
  /** Of the bid in OpenRTB form; later checks look for it. */
  auctionId: string | undefined;

  constructor(addresses: SmokeAddresses, runId: string) {
    this.addresses = addresses;
    this.userId = `smoke-${runId}`;
  }

  get local(): boolean {
    return isLocal(new URL(this.addresses.url));
  }

  get(pathname: string): Promise<Reply> {
    return this.#fetch(pathname, {}, this.addresses.adminKey);
  }

  bid(pathname: string, body: unknown, headers: Record<string, string> = {}): Promise<Reply> {
    const init = {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { ...headers, 'content-type': 'application/json' },
    };
    return this.#fetch(pathname, init, this.addresses.publisherKey);
  }

  /** The token of this machine's SQL endpoint; undefined when it cannot be read here. */
  sqlToken(): string | undefined {
    const { CLICKHOUSE_TOKEN, DATA_DIR } = ownSettings('CLICKHOUSE_TOKEN', 'DATA_DIR');
    if (CLICKHOUSE_TOKEN !== undefined) return CLICKHOUSE_TOKEN;
    try {
      const file = path.join(DATA_DIR, 'sql-token');
      return readFileSync(file, 'utf8').trim();
    } catch {
      return undefined;
    }
  }

  #fetch(pathname: string, init: RequestInit, key: string | undefined): Promise<Reply> {
    const headers = new Headers(init.headers);
    if (key !== undefined) headers.set('authorization', `Bearer ${key}`);
    return ask(this.addresses.url + pathname, { ...init, headers });
  }
}

/** An answer with its body, read. */
export interface Reply {
  status: number;
  headers: Headers;
  text: string;
}

/** One request with a deadline; rejects when there is no answer. */
export async function ask(url: string | URL, init: RequestInit = {}): Promise<Reply> {
  const response = await fetch(url, { ...init, signal: AbortSignal.timeout(REQUEST_MS) });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

/** Why a check failed, in words for the table. */
export class CheckFailed extends Error {
  override name = 'CheckFailed';
}

/** @throws {CheckFailed} unless the condition holds. */
export function expect(condition: unknown, otherwise: string): asserts condition {
  if (!condition) throw new CheckFailed(otherwise);
}

/**
 * Asks again until there is something.
 * @param look resolves to undefined while there is nothing yet
 */
export async function appears<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  const endMs = performance.now() + APPEAR_MS;
  while (true) {
    const found = await look();
    if (found !== undefined) return found;
    expect(performance.now() < endMs, `${what} did not appear within ${APPEAR_MS / 1000} s`);
    await sleep(POLL_MS);
  }
}

/** The body as JSON, whatever the status. */
export function jsonOf<T>(reply: Reply): Partial<T> {
  try {
    return JSON.parse(reply.text) as Partial<T>;
  } catch {
    throw new CheckFailed(`got ${seen(reply)}, which is not JSON`);
  }
}

/** Status and body in one line, for what came instead of what was expected. */
export function seen({ status, text }: Reply): string {
  const hint = status === 401 ? ' (give a key with --key)' : '';
  return `${status} ${text.replace(/\s+/g, ' ').slice(0, 160)}`.trim() + hint;
}
