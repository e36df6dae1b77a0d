/**
 * `Idempotency-Key`: the same content within a minute is the same auction, at whichever gateway.
 * Claims are shared through the store: a key is taken with a digest of the content and the auction's
 * id.
 */
import { createHash } from 'node:crypto';
import type { Store } from '#shared/store/store.ts';
import { KEPT_MS } from './deadlines.ts';

export const IDEMPOTENCY_KEY_LENGTH_MAX = 255;

/** Claims without an answer that are remembered, the latest: more than fail in a minute without load being shed. */
const DOUBTFUL_MAX = 10_000;

export type Claim =
  | { kind: 'first' | 'repeat'; auctionId: string }
  | { kind: 'conflict' };

export class Idempotency {
  readonly #store: Store;
  /**
   * Auctions whose key may have been taken, though the store did not say so: they were not begun. Whoever
   * repeats the request here begins them.
   */
  readonly #doubtful = new Set<string>();

  constructor(store: Store) {
    this.#store = store;
  }

  /**
   * `first` says which auction to begin: the given one, or that of an earlier try which was not begun.
   * @param content everything that makes the request what it is: route and body.
   */
  async claim(
    publisherId: string,
    key: string,
    content: string,
    auctionId: string,
  ): Promise<Claim> {
    const digest = digestOf(content);
    const taken = await this.#store.claim(
      placeOf(publisherId, key),
      `${digest} ${auctionId}`,
      KEPT_MS,
    ).catch((error) => {
      this.#doubt(auctionId);
      throw error;
    });
    if (taken === undefined) return { kind: 'first', auctionId };
    const [takenDigest, takenAuction] = taken.split(' ') as [string, string];
    if (takenDigest !== digest) return { kind: 'conflict' };
    const kind = this.#doubtful.delete(takenAuction) ? 'first' : 'repeat';
    return { kind, auctionId: takenAuction };
  }

  /** Frees the key of an auction that came to nothing: whoever repeats the request begins another. */
  async release(
    publisherId: string,
    key: string,
    content: string,
    auctionId: string,
  ): Promise<void> {
    await this.#store.release(placeOf(publisherId, key), `${digestOf(content)} ${auctionId}`);
  }

  #doubt(auctionId: string): void {
    this.#doubtful.add(auctionId);
    if (this.#doubtful.size <= DOUBTFUL_MAX) return;
    const [oldest] = this.#doubtful;
    this.#doubtful.delete(oldest!);
  }
}

function placeOf(publisherId: string, key: string): string {
  return `idem/${publisherId}/${key}`;
}

function digestOf(content: string): string {
  return createHash('sha256').update(content).digest('base64url');
}
