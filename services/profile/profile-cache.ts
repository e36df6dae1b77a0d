import type { Profile } from '#proto/profile.ts';
import { readProfile } from '../../proto/profile-reader.ts';

/**
 * A profile as it is stored, decoded when somebody in this process wants it. gRPC answers are made
 * of the bytes alone. Holders share the decoded profile: they MUST NOT change it.
 */
export class CachedProfile {
  readonly bytes: Uint8Array;
  /** Epoch ms; when it was read from the store. */
  readonly readAtMs: number;
  #profile: Profile | undefined;

  constructor(bytes: Uint8Array, readAtMs: number) {
    this.bytes = bytes;
    this.readAtMs = readAtMs;
  }

  get profile(): Profile {
    return this.#profile ??= readProfile(this.bytes);
  }
}

/**
 * The profiles used lately, by user id. Two generations instead of a list of uses: a hit in the
 * young one changes nothing, a hit in the old one brings the entry over, and when the young one is
 * full the old one goes as a whole. At most `entriesMax` entries, none older than `ageMaxMs`.
 */
export class ProfileCache {
  readonly #generationMax: number;
  readonly #ageMaxMs: number;
  #young = new Map<string, CachedProfile>();
  #old = new Map<string, CachedProfile>();

  constructor(entriesMax: number, ageMaxMs: number) {
    this.#generationMax = Math.ceil(entriesMax / 2);
    this.#ageMaxMs = ageMaxMs;
  }

  get size(): number {
    return this.#young.size + this.#old.size;
  }

  get(userId: string, nowMs: number): CachedProfile | undefined {
    let entry = this.#young.get(userId);
    if (!entry && (entry = this.#old.get(userId))) {
      this.#old.delete(userId);
      this.set(userId, entry);
    }
    return entry && nowMs - entry.readAtMs <= this.#ageMaxMs ? entry : undefined;
  }

  set(userId: string, entry: CachedProfile): void {
    this.#old.delete(userId);
    this.#young.set(userId, entry);
    if (this.#young.size < this.#generationMax) return;
    this.#old = this.#young;
    this.#young = new Map();
  }

  delete(userId: string): void {
    this.#young.delete(userId);
    this.#old.delete(userId);
  }
}
