/**
 * Fast state that can be lost: user profiles and claims. SQLite when embedded, Redis on a cluster;
 * `contract.ts` is the suite every engine passes.
 */
export interface Store {
  /**
   * Profile bytes in the order of `userIds`; undefined where there is none, and where the one node of
   * several that has it is away: rejects when that is true of all. They may be views of a buffer that
   * holds many: copy what is kept.
   */
  getProfiles(userIds: readonly string[]): Promise<(Uint8Array | undefined)[]>;
  putProfiles(profiles: readonly { userId: string; bytes: Uint8Array }[]): Promise<void>;
  /** Resolves to how many existed. */
  deleteProfiles(userIds: readonly string[]): Promise<number>;
  countProfiles(): Promise<number>;

  /**
   * Takes `key` for `ttlMs` unless it is taken: resolves to undefined when it is ours now, to the
   * value it was taken with otherwise. Atomic among all processes that share the store.
   */
  claim(key: string, value: string, ttlMs: number): Promise<string | undefined>;

  /** Frees `key` where it is taken with `value`; another's claim stays. */
  release(key: string, value: string): Promise<void>;

  /** The value a key is taken with; undefined where it is free. */
  claimed(key: string): Promise<string | undefined>;

  /** Resolves when the store answers, rejects with the reason when not. */
  check(): Promise<void>;
  close(): Promise<void>;
}

export class StoreError extends Error {
  override name = 'StoreError';
  readonly code: 'closed' | 'corrupt' | 'unavailable';
  constructor(code: StoreError['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
