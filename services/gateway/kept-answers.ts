/**
 * Answers that can be had again for a while, at whichever gateway: of asynchronous requests, and of
 * those with an `Idempotency-Key`. They are claims in the store, which are made once and never
 * change: a promise when an asynchronous request is taken, an answer when its auction has ended.
 */
import type { AuctionOutcome } from '#shared/model/events.ts';
import type { Store } from '#shared/store/store.ts';
import { ASYNC_GRACE_MS, KEPT_MS, TMAX_LONGEST_MS } from './deadlines.ts';
import type { Form } from './forms.ts';

/** An answer outlives its promise, however early in its time the auction ended. */
const ANSWER_TTL_MS = TMAX_LONGEST_MS + ASYNC_GRACE_MS + KEPT_MS;

/** What is known of an asynchronous request from the moment it is taken. */
export interface AnswerPromise {
  publisherId: string;
  /** The form it came in, and is answered in. */
  source: Form['source'];
  /** Of the publisher's request. */
  requestId: string;
  /** The request had `test` 1. */
  isTest: boolean;
  /** Epoch ms at which it ends, with an outcome or without. */
  closesAt: number;
}

/** An answer: undefined within where the deadline had passed without an outcome. */
export interface KeptAnswer {
  outcome: AuctionOutcome | undefined;
}

/** All methods reject with a `StoreError` when the store does not answer. */
export class KeptAnswers {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /** Kept until {@link KEPT_MS} after its auction; a second promise of the same auction changes nothing. */
  async promise(auctionId: string, promise: AnswerPromise, now: number): Promise<void> {
    const ttlMs = Math.max(1, promise.closesAt + KEPT_MS - now);
    await this.#store.claim(`promise/${auctionId}`, JSON.stringify(promise), ttlMs);
  }

  /** Undefined where nothing was promised, or it is too long ago. */
  async promised(auctionId: string): Promise<AnswerPromise | undefined> {
    const text = await this.#store.claimed(`promise/${auctionId}`);
    return text === undefined ? undefined : JSON.parse(text) as AnswerPromise;
  }

  /** Keeps what was answered; undefined where the deadline had passed. */
  async remember(auctionId: string, outcome: AuctionOutcome | undefined): Promise<void> {
    const text = outcome ? JSON.stringify(outcome) : '';
    await this.#store.claim(`answer/${auctionId}`, text, ANSWER_TTL_MS);
  }

  /** What was answered, at whichever gateway; undefined where that is not known, or not yet. */
  async recall(auctionId: string): Promise<KeptAnswer | undefined> {
    const text = await this.#store.claimed(`answer/${auctionId}`);
    if (text === undefined) return undefined;
    return { outcome: text === '' ? undefined : JSON.parse(text) as AuctionOutcome };
  }
}
