/** Who goes first, chDB or what else its process does. */
import { performance } from 'node:perf_hooks';
import { keepInBackground } from '../runtime/priority.ts';

/** The engine's thread of merges: nobody waits for them. */
const MERGES = new Set(['MergeMutate']);
/**
 * All who work for the engine: its own threads, and the pool of Node or Deno that it is called on, which
 * the process hardly uses for anything else.
 */
const ENGINE = new Set([...MERGES, 'ThreadPool', 'BgSchPool', 'libuv-worker', 'tokio-runtime-w']);
/** Bytes of rows from which on an insert is felt: those of 1,000 auctions with details. */
const FELT_BYTES = 4 * 2 ** 20;
/** So many of them, without a longer pause, are load and no import. */
const FELT_TIMES = 10;
const FELT_PAUSE_MS = 5_000;

/**
 * Merges always give way. Under load inserts do, too: each takes a processor for 50 ms, three times a
 * second, and nobody waits for it. Reports then get what is left as well, as their threads are the same;
 * so it stays until the process ends.
 */
export class EnginePriority {
  readonly #mergesGiveWay = keepInBackground(MERGES);
  readonly #engineGivesWay = keepInBackground(ENGINE);
  #felt = 0;
  #feltAt = -Infinity;

  /** Whether all of the engine does. */
  get givesWay(): boolean {
    return this.#felt >= FELT_TIMES;
  }

  /** To be told of every insert that has ended: threads come and go. */
  inserted(bytes: number): void {
    if (!this.givesWay && bytes >= FELT_BYTES) this.#count();
    if (this.givesWay) this.#engineGivesWay();
    else this.#mergesGiveWay();
  }

  #count(): void {
    const now = performance.now();
    if (now - this.#feltAt > FELT_PAUSE_MS) this.#felt = 0;
    this.#felt++;
    this.#feltAt = now;
  }
}
