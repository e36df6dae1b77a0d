/**
 * The latest frames, the newest `keep` of them, as bytes in memory that is used again. Kept as texts or
 * objects, ten a second, each would live long enough to become one of the collector's old objects.
 */
import { Buffer } from 'node:buffer';

export class RecentFrames {
  readonly #slots: Buffer[];
  readonly #sizes: number[];
  #count = 0;

  constructor(keep: number) {
    this.#slots = Array.from({ length: keep }, () => Buffer.alloc(0));
    this.#sizes = new Array<number>(keep).fill(0);
  }

  /** How many there are. */
  get length(): number {
    return Math.min(this.#count, this.#slots.length);
  }

  push(text: string): void {
    if (this.#slots.length === 0) return;
    const at = this.#count++ % this.#slots.length;
    const bytes = Buffer.byteLength(text);
    // Some room to spare, as the next one may be a little longer.
    if (this.#slots[at]!.length < bytes) this.#slots[at] = Buffer.alloc(bytes + (bytes >> 2));
    this.#sizes[at] = this.#slots[at]!.write(text);
  }

  /** The newest `count` of them, oldest first; there MUST be so many. */
  newest(count: number): string[] {
    return Array.from({ length: count }, (_, n) => this.before(count - 1 - n));
  }

  /** The frame so many before the newest; there MUST be one. */
  before(newest: number): string {
    const at = (this.#count - 1 - newest) % this.#slots.length;
    return this.#slots[at]!.toString('utf8', 0, this.#sizes[at]);
  }
}
