import type { ProfileServiceClient } from '#proto/profile.ts';
import type { Metrics } from '#shared/metrics.ts';
import type { Profile } from '#shared/model/profile.ts';
import type { Clock } from '#shared/service.ts';
import type { Span } from '#shared/trace.ts';
import type { CallOptions } from 'nice-grpc';
import { gatherLookups } from './gather-lookups.ts';
import { LookupBreaker } from './lookup-breaker.ts';

/**
 * The profiles of the users, by id; unknown users are not in the map. Never rejects. `deadline` is
 * the epoch ms at which the auction ends; the look-up takes at most half of what remains and at
 * most {@link LOOKUP_MS_MAX}. The profiles may be shared: callers MUST NOT change them.
 */
export type ProfileLookup = (
  userIds: readonly string[],
  deadline: number,
  /** What it belongs to, where that is traced. */
  span?: Span,
) => Promise<LookupResult>;

/** What the client is told of a call. */
export type LookupOptions = CallOptions & { span?: Span | undefined };

export type LookupResult =
  | { kind: 'found'; profiles: Map<string, Profile> }
  | { kind: 'failed'; reason: LookupFailure };
/** `unavailable`: the service is down or refuses, or was a moment ago; `timeout`: it is too slow. */
export type LookupFailure = 'timeout' | 'unavailable';

export interface ProfileLookupOptions {
  client: Pick<ProfileServiceClient<{ span?: Span }>, 'batchGetProfiles'>;
  clock: Clock;
  /** One look-up per process: the metrics are registered once. */
  metrics: Metrics;
  /** ms; how long a look-up may take when there is plenty of time. */
  budgetMsMax?: number;
  /** ms of that which it may wait for others, to share their call; 0 for a client in this process. */
  gatherMs?: number;
}

/** ms; a batch over gRPC takes about 5. A bid without a profile is worth more than a late one. */
export const LOOKUP_MS_MAX = 20;
/** ms for a service at the end of a wire. */
export const GATHER_MS = 2;
/** Of the time that is left; the other half is for bidding and for the auction. */
const LOOKUP_SHARE = 0.5;
/** Less than this is no time to ask anybody. */
const LOOKUP_MS_MIN = 1;
/** Profiles per call: the service takes 1,000; halves of that are decoded in about 3 ms each. */
const PROFILES_PER_CALL = 512;
/**
 * Ids the profile service takes. Others belong to nobody, and one of them would make the service
 * refuse the whole batch.
 */
const USER_ID = /^[^\p{Cc}\p{Cs}]{1,128}$/u;

export function createProfileLookup(options: ProfileLookupOptions): ProfileLookup {
  const { client, clock, metrics, budgetMsMax = LOOKUP_MS_MAX, gatherMs = 0 } = options;
  const breaker = new LookupBreaker(clock);
  const count = countLookups(metrics);

  const ask = async (
    userIds: string[],
    budgetMs: number,
    span: Span | undefined,
  ): Promise<LookupResult> => {
    const deadline = new LazyDeadline(budgetMs, span);
    try {
      const answers = await Promise.all(
        inChunks(userIds).map((chunk) => client.batchGetProfiles({ userIds: chunk }, deadline)),
      );
      breaker.succeeded();
      const profiles = new Map<string, Profile>();
      for (const answer of answers) {
        for (const profile of answer.profiles) profiles.set(profile.userId, profile);
        // Calls that are over hang on tables of HTTP/2 for a while (see TurnoverMap): not with these.
        answer.profiles = [];
      }
      return { kind: 'found', profiles };
    } catch {
      // Why the service refuses is in its own log and metrics; here it only costs an enrichment.
      breaker.failed();
      const reason = deadline.passed ? 'timeout' : 'unavailable';
      deadline.giveUp();
      return { kind: 'failed', reason };
    } finally {
      deadline.end();
    }
  };

  const lookup: ProfileLookup = async (userIds, deadline, span) => {
    const budgetMs = Math.min(budgetMsMax - gatherMs, (deadline - clock.now()) * LOOKUP_SHARE);
    const known = [...new Set(userIds)].filter((userId) => USER_ID.test(userId));
    if (known.length === 0) return { kind: 'found', profiles: new Map() };
    if (budgetMs < LOOKUP_MS_MIN) return count({ kind: 'failed', reason: 'timeout' });
    if (!breaker.allows()) return count({ kind: 'failed', reason: 'unavailable' });
    const began = performance.now();
    return count(await ask(known, budgetMs, span), performance.now() - began);
  };
  return gatherMs > 0 ? gatherLookups(lookup, gatherMs) : lookup;
}

/**
 * Call options whose signal and timer come into being when the client reads them: the client in
 * this process mostly answers without, and saves the larger part of what the call costs.
 */
class LazyDeadline implements LookupOptions {
  declare readonly signal: AbortSignal;
  span: Span | undefined;
  readonly #budgetMs: number;
  #passed = false;
  #controller: AbortController | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(budgetMs: number, span: Span | undefined) {
    this.#budgetMs = budgetMs;
    this.span = span;
    Object.defineProperty(this, 'signal', LazyDeadline.#SIGNAL);
  }

  /** Whether the time ran out. */
  get passed(): boolean {
    return this.#passed;
  }

  /** For calls that still run when another of the same look-up has failed. Costs 10 µs. */
  giveUp(): void {
    this.#controller?.abort();
  }

  end(): void {
    clearTimeout(this.#timer);
  }

  /**
   * A property of the options themselves, as the gRPC client copies them; one getter for all, as
   * objects with a getter each have a shape each, and shapes are old objects from the beginning.
   */
  static readonly #SIGNAL = {
    enumerable: true,
    get(this: LazyDeadline): AbortSignal {
      return (this.#controller ??= this.#begin()).signal;
    },
  };

  #begin(): AbortController {
    const controller = new AbortController();
    this.#timer = setTimeout(() => {
      this.#passed = true;
      controller.abort();
    }, this.#budgetMs);
    return controller;
  }
}

function inChunks(userIds: string[]): string[][] {
  if (userIds.length <= PROFILES_PER_CALL) return [userIds];
  const chunks: string[][] = [];
  for (let at = 0; at < userIds.length; at += PROFILES_PER_CALL) {
    chunks.push(userIds.slice(at, at + PROFILES_PER_CALL));
  }
  return chunks;
}

function countLookups(metrics: Metrics) {
  const lookups = metrics.counter(
    'helios_profile_lookups_total',
    'Look-ups of profiles for bidding, by result',
    ['result'],
  );
  const counts = {
    found: lookups({ result: 'found' }),
    timeout: lookups({ result: 'timeout' }),
    unavailable: lookups({ result: 'unavailable' }),
  };
  const seconds = metrics.latency('helios_profile_lookup_seconds', 'Time of a look-up', [])({});
  return (result: LookupResult, tookMs?: number): LookupResult => {
    counts[result.kind === 'found' ? 'found' : result.reason].inc();
    if (tookMs !== undefined) seconds.observe(tookMs / 1_000);
    return result;
  };
}
