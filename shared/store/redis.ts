/** The store of a cluster: Redis 7, as a single server, behind sentinels, or as a Redis Cluster. */
import { Buffer } from 'node:buffer';
import { type RedisAction, RedisLink, type RedisLinkEvents } from './redis-link.ts';
import { type Store, StoreError } from './store.ts';
import { parseRedisUrl } from './store-url.ts';

export interface RedisStoreOptions extends RedisLinkEvents {
  /** As {@link parseRedisUrl} takes it. */
  url: string;
  /** Before every key, so that others may share the database. */
  keyPrefix?: string;
}

/**
 * Resolves when Redis answers, or after a second without it: then calls reject with `unavailable`
 * until it is there, and {@link Store.check} says what is waited for. A call is sent once: whether a
 * write that was rejected with `unavailable` was done is not known.
 * @throws {StoreError} `unavailable` when the URL is none.
 */
export async function createRedisStore(options: RedisStoreOptions): Promise<Store> {
  const address = parseRedisUrl(options.url);
  if (typeof address === 'string') {
    throw new StoreError('unavailable', `Cannot open the store: in its URL ${address}`);
  }
  const link = new RedisLink(address, options);
  await link.open();
  return new RedisStore(link, options.keyPrefix ?? 'helios:', address.kind === 'cluster');
}

/** Profiles per command: Redis, which has one thread, is busy with it for less than a ms. */
const CHUNK = 512;
/** Keys looked at per step of a count. */
const SCAN_KEYS = 1_000;

class RedisStore implements Store {
  readonly #link: RedisLink;
  readonly #prefix: string;
  /** A command of several keys fails there: each key goes to its node, many in one write. */
  readonly #keyByKey: boolean;
  /** The last write; each waits for the one before, so that a delete is never overtaken by a put. */
  #writes: Promise<unknown> = Promise.resolve();
  #closing: Promise<void> | undefined;

  constructor(link: RedisLink, prefix: string, keyByKey: boolean) {
    this.#link = link;
    this.#prefix = prefix;
    this.#keyByKey = keyByKey;
  }

  async getProfiles(userIds: readonly string[]): Promise<(Uint8Array | undefined)[]> {
    this.#refuseClosed('read');
    const found: (Uint8Array | undefined)[] = [];
    for (const ids of chunks(userIds)) {
      const keys = ids.map((id) => this.#profileKey(id));
      const values = await this.#link.ask(
        'read',
        (client) =>
          this.#keyByKey
            ? thoseThatAnswer(keys.map((key) => client.getBuffer(key)))
            : client.mgetBuffer(keys),
      );
      for (const bytes of values) found.push(bytes ?? undefined);
    }
    return found;
  }

  putProfiles(profiles: readonly { userId: string; bytes: Uint8Array }[]): Promise<void> {
    return this.#inOrder(async () => {
      for (const rows of chunks(profiles)) {
        const pairs = rows.map(({ userId, bytes }) =>
          [this.#profileKey(userId), view(bytes)] as const
        );
        await this.#link.ask<unknown>(
          'write',
          (client) =>
            this.#keyByKey
              ? Promise.all(pairs.map(([key, bytes]) => client.set(key, bytes)))
              : client.mset(pairs.flat()),
        );
      }
    });
  }

  deleteProfiles(userIds: readonly string[]): Promise<number> {
    return this.#inOrder(async () => {
      let deleted = 0;
      for (const ids of chunks(userIds)) {
        const keys = ids.map((id) => this.#profileKey(id));
        const counts = await this.#link.ask(
          'write',
          (client) =>
            Promise.all(
              this.#keyByKey ? keys.map((key) => client.unlink(key)) : [client.unlink(keys)],
            ),
        );
        for (const count of counts) deleted += count;
      }
      return deleted;
    });
  }

  async countProfiles(): Promise<number> {
    this.#refuseClosed('read');
    const pattern = this.#prefix.replace(/[*?[\]\\]/g, '\\$&') + 'p:*';
    // A walk may show a key twice when it runs while Redis makes its table larger or smaller.
    const seen = new Set<string>();
    const masters = await this.#link.masters('read');
    await Promise.all(
      masters.map(async (master) => {
        let cursor = '0';
        do {
          const [next, keys] = await this.#link.ask(
            'read',
            () => master.scan(cursor, 'MATCH', pattern, 'COUNT', SCAN_KEYS),
          );
          for (const key of keys) seen.add(key);
          cursor = next;
        } while (cursor !== '0');
      }),
    );
    return seen.size;
  }

  async claim(key: string, value: string, ttlMs: number): Promise<string | undefined> {
    this.#refuseClosed('write');
    const taken = await this.#link.ask(
      'write',
      (client) => client.takeClaim(`${this.#prefix}c:${key}`, value, Math.ceil(ttlMs)),
    );
    return taken ?? undefined;
  }

  async release(key: string, value: string): Promise<void> {
    this.#refuseClosed('write');
    await this.#link.ask(
      'write',
      (client) => client.freeClaim(`${this.#prefix}c:${key}`, value),
    );
  }

  async claimed(key: string): Promise<string | undefined> {
    this.#refuseClosed('read');
    const taken = await this.#link.ask('read', (client) => client.get(`${this.#prefix}c:${key}`));
    return taken ?? undefined;
  }

  async check(): Promise<void> {
    this.#refuseClosed('check');
    await this.#link.check();
  }

  close(): Promise<void> {
    return this.#closing ??= this.#writes.then(() => this.#link.close());
  }

  #profileKey(userId: string): string {
    return `${this.#prefix}p:${userId}`;
  }

  async #inOrder<T>(write: () => Promise<T>): Promise<T> {
    this.#refuseClosed('write');
    const done = this.#writes.then(write);
    this.#writes = done.catch(() => {});
    return await done;
  }

  #refuseClosed(action: RedisAction): void {
    if (this.#closing) throw this.#link.failure(action, 'closed', 'it is closed');
  }
}

/** What comes, undefined from nodes that are away. Rejects when nothing comes. */
async function thoseThatAnswer<T>(asked: readonly Promise<T>[]): Promise<(T | undefined)[]> {
  const ends = await Promise.allSettled(asked);
  const values = ends.map((end) => end.status === 'fulfilled' ? end.value : undefined);
  return ends.some(({ status }) => status === 'fulfilled') ? values : await Promise.all(asked);
}

function* chunks<T>(rows: readonly T[]): Iterable<readonly T[]> {
  for (let at = 0; at < rows.length; at += CHUNK) yield rows.slice(at, at + CHUNK);
}

function view(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
