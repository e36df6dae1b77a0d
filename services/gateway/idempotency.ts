/**
 * `Idempotency-Key`: the same content within a minute is the same auction, at whichever gateway.
 * Claims are shared through the store: a key is taken with a digest of the content and the auction's
 * id, the auction with its outcome.
 */
import { createHash } from 'node:crypto';
import type { AuctionOutcome } from '#shared/model/events.ts';
import type { Store } from '#shared/store/store.ts';

const TTL_MS = 60_000;
export const IDEMPOTENCY_KEY_LENGTH_MAX = 255;

export type Claim =
  | { kind: 'first' }
  | { kind: 'repeat'; auctionId: string }
  | { kind: 'conflict' };

export class Idempotency {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /** @param content everything that makes the request what it is: route and body. */
  async claim(
    publisherId: string,
    key: string,
    content: string,
    auctionId: string,
  ): Promise<Claim> {
    const digest = createHash('sha256').update(content).digest('base64url');
    const taken = await this.#store.claim(
      `idem/${publisherId}/${key}`,
      `${digest} ${auctionId}`,
      TTL_MS,
    );
    if (taken === undefined) return { kind: 'first' };
    const [takenDigest, takenAuction] = taken.split(' ') as [string, string];
    return takenDigest === digest
      ? { kind: 'repeat', auctionId: takenAuction }
      : { kind: 'conflict' };
  }

  /** Keeps what was answered; undefined where the deadline had passed. */
  async remember(auctionId: string, outcome: AuctionOutcome | undefined): Promise<void> {
    const text = outcome ? JSON.stringify(outcome) : '';
    await this.#store.claim(`answer/${auctionId}`, text, TTL_MS);
  }

  /** What was answered, at whichever gateway; undefined where that is not known, or not yet. */
  async recall(auctionId: string): Promise<{ outcome: AuctionOutcome | undefined } | undefined> {
    const text = await this.#store.claimed(`answer/${auctionId}`);
    if (text === undefined) return undefined;
    return { outcome: text === '' ? undefined : JSON.parse(text) as AuctionOutcome };
  }
}
