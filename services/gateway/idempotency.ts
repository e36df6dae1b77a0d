/**
 * `Idempotency-Key`: the same content within a minute is the same auction. Claims are shared
 * through the store; a digest and the auction id are kept, not the answer.
 */
import { createHash } from 'node:crypto';
import type { AuctionOutcome } from '#shared/model/events.ts';
import type { Store } from '#shared/store/store.ts';

const TTL_MS = 60_000;
/** Outcomes of keyed auctions kept for repetitions: a minute of some traffic; others are asked of analytics. */
const RECENT_MAX = 5_000;
export const IDEMPOTENCY_KEY_LENGTH_MAX = 255;

export type Claim =
  | { kind: 'first' }
  | { kind: 'repeat'; auctionId: string }
  | { kind: 'conflict' };

export class Idempotency {
  readonly #store: Store;
  readonly #recent = new Map<string, AuctionOutcome | undefined>();

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
  remember(auctionId: string, outcome: AuctionOutcome | undefined): void {
    this.#recent.set(auctionId, outcome);
    if (this.#recent.size > RECENT_MAX) this.#recent.delete(this.#recent.keys().next().value!);
  }

  recall(auctionId: string): { outcome: AuctionOutcome | undefined } | undefined {
    return this.#recent.has(auctionId) ? { outcome: this.#recent.get(auctionId) } : undefined;
  }
}
