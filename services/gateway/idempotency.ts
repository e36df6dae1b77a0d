/**
 * `Idempotency-Key`: the same content within a minute is the same auction, at whichever gateway.
 * Claims are shared through the store: a key is taken with a digest of the content and the auction's
 * id.
 */
import { createHash } from 'node:crypto';
import type { Store } from '#shared/store/store.ts';
import { KEPT_MS } from './deadlines.ts';

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
      KEPT_MS,
    );
    if (taken === undefined) return { kind: 'first' };
    const [takenDigest, takenAuction] = taken.split(' ') as [string, string];
    return takenDigest === digest
      ? { kind: 'repeat', auctionId: takenAuction }
      : { kind: 'conflict' };
  }
}
