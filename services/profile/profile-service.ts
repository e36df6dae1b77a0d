import type { Profile } from '#proto/profile.ts';
import type { Metrics } from '#shared/metrics.ts';
import type { Clock } from '#shared/service.ts';
import { type Store, StoreError } from '#shared/store/store.ts';
import { ServerError, Status } from 'nice-grpc';
import { CachedProfile, ProfileCache } from './profile-cache.ts';
import {
  checkBatch,
  checkProfiles,
  checkUserId,
  checkUserIds,
  encodeProfile,
} from './validation.ts';

/**
 * The four calls of `proto/profile.proto` over a store, for the gRPC server and for callers in this
 * process. Rejects with {@link ServerError}: INVALID_ARGUMENT naming field, value and what is
 * allowed, NOT_FOUND, or UNAVAILABLE with the store's reason.
 */
export interface ProfileService {
  /** The profiles if all are at hand, without waiting; undefined when the store must be asked. */
  cached(userIds: readonly string[]): CachedProfile[] | undefined;
  get(userId: string): Promise<CachedProfile>;
  /** Those that exist, in the order asked. */
  batchGet(userIds: readonly string[]): Promise<CachedProfile[]>;
  /** Resolves to how many were stored. */
  put(profiles: readonly Profile[]): Promise<number>;
  /** Resolves to whether there was one. */
  delete(userId: string): Promise<boolean>;
}

export interface ProfileServiceOptions {
  store: Store;
  clock: Clock;
  metrics: Metrics;
}

/** The users of the last minutes at a few kB each, decoded: about 40 MB when full. */
const CACHE_ENTRIES_MAX = 10_000;
/** How long another instance on the same store may show a profile that was erased or replaced here. */
const CACHE_AGE_MAX_MS = 10_000;

export function createProfileService(options: ProfileServiceOptions): ProfileService {
  return new StoredProfiles(options);
}

class StoredProfiles implements ProfileService {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #cache = new ProfileCache(CACHE_ENTRIES_MAX, CACHE_AGE_MAX_MS);
  readonly #count: ReturnType<typeof countReads>;
  /**
   * Changes with every write. What was read while somebody wrote is not kept: it may be what was
   * just erased.
   */
  #writes = 0;

  constructor({ store, clock, metrics }: ProfileServiceOptions) {
    this.#store = store;
    this.#clock = clock;
    this.#count = countReads(metrics, () => this.#cache.size);
  }

  cached(userIds: readonly string[]): CachedProfile[] | undefined {
    const nowMs = this.#clock.now();
    const found: CachedProfile[] = [];
    for (const userId of userIds) {
      const entry = this.#cache.get(userId, nowMs);
      if (!entry) return undefined;
      found.push(entry);
    }
    this.#count.cache.inc(found.length);
    return found;
  }

  async get(userId: string): Promise<CachedProfile> {
    checkUserId('user_id', userId);
    const [found] = await this.batchGet([userId]);
    if (found) return found;
    throw new ServerError(Status.NOT_FOUND, `Cannot find profile ${JSON.stringify(userId)}`);
  }

  async batchGet(userIds: readonly string[]): Promise<CachedProfile[]> {
    checkBatch('user_ids', userIds.length);
    const nowMs = this.#clock.now();
    const entries = userIds.map((userId) => this.#cache.get(userId, nowMs));
    const missing = userIds.filter((_, at) => !entries[at]);
    // What is in the cache was asked for before.
    if (missing.length > 0) checkUserIds(userIds);
    this.#count.cache.inc(userIds.length - missing.length);
    if (missing.length === 0) return entries as CachedProfile[];
    const read = await this.#read(missing, nowMs);
    let at = 0;
    return entries.map((entry) => entry ?? read[at++]).filter((entry) => entry !== undefined);
  }

  async put(profiles: readonly Profile[]): Promise<number> {
    checkProfiles(profiles);
    const nowMs = this.#clock.now();
    const rows = profiles.map((profile, at) => ({
      userId: profile.userId,
      bytes: encodeProfile(profile, at, nowMs),
    }));
    await this.#write(rows.map(({ userId }) => userId), () => this.#store.putProfiles(rows));
    return rows.length;
  }

  async delete(userId: string): Promise<boolean> {
    checkUserId('user_id', userId);
    return await this.#write([userId], () => this.#store.deleteProfiles([userId])) > 0;
  }

  async #read(userIds: string[], nowMs: number): Promise<(CachedProfile | undefined)[]> {
    const writesBefore = this.#writes;
    const rows = await this.#ask(() => this.#store.getProfiles(userIds));
    const mayKeep = this.#writes === writesBefore;
    let found = 0;
    const entries = rows.map((bytes, at) => {
      if (!bytes) return undefined;
      found++;
      const entry = new CachedProfile(bytes, nowMs);
      return mayKeep ? this.#cache.offer(userIds[at]!, entry) : entry;
    });
    this.#count.store.inc(found);
    this.#count.nowhere.inc(rows.length - found);
    return entries;
  }

  async #write<T>(userIds: readonly string[], write: () => Promise<T>): Promise<T> {
    this.#writes++;
    try {
      return await this.#ask(write);
    } finally {
      // Again after the write, for reads that began during it and end later.
      this.#writes++;
      for (const userId of userIds) this.#cache.delete(userId);
    }
  }

  async #ask<T>(call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } catch (error) {
      if (error instanceof StoreError) throw new ServerError(Status.UNAVAILABLE, error.message);
      throw error;
    }
  }
}

function countReads(metrics: Metrics, size: () => number) {
  metrics.gauge('helios_profile_cached', 'Profiles kept in memory', [], () => [
    { labels: {}, value: size() },
  ]);
  const reads = metrics.counter(
    'helios_profile_reads_total',
    'Profiles asked for, by where they were found',
    ['where'],
  );
  return {
    cache: reads({ where: 'cache' }),
    store: reads({ where: 'store' }),
    nowhere: reads({ where: 'nowhere' }),
  };
}
