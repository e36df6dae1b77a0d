/**
 * Brings what the journal has onto the disk, in steps of everything that came meanwhile. The journal alone
 * outlives the process; this outlives the machine's power. Whoever counts records gets them afterwards, so
 * that nothing is counted twice or never when the power fails: offsets that were lost with it are given
 * again.
 */
import type { TopicName } from '../model/events.ts';
import { Pace } from '../model/pace.ts';
import type { Received } from './bus.ts';
import type { Journal } from './journal.ts';

/** ms between the beginnings of two steps. Who comes after a pause does not wait. */
const PACE_MS = 10;
/** Records that may wait for a slow disk, about 20 MB of outcomes, before the journal waits with them. */
const WAITING_MAX = 20_000;

export interface DiskSyncHooks {
  /** Told in the order of {@link DiskSync.add}, of nothing more after a failure. */
  onSynced(topic: TopicName, records: readonly Received<TopicName>[]): void;
  /**
   * Told once: the disk failed. What it was given may be lost, whatever it says later
   * (https://wiki.postgresql.org/wiki/Fsync_Errors), so nothing is handed on any more.
   */
  onFailed(error: unknown): void;
}

type Step = [TopicName, readonly Received<TopicName>[]][];

export class DiskSync {
  readonly #flush: Journal['sync'];
  readonly #hooks: DiskSyncHooks;
  readonly #pace = new Pace(PACE_MS);
  #waiting: Step = [];
  /** What the disk is told to take. */
  #step: Step = [];
  /** Whether there is somebody to tell of the next step, with records or without. */
  #asked = false;
  #next = nextStep();
  /** The step under way; stays where one has failed. */
  #syncing: Promise<void> | undefined;

  /** @param flush brings what was added to the disk; without one there is none. */
  constructor(flush: Journal['sync'], hooks: DiskSyncHooks) {
    this.#flush = flush;
    this.#hooks = hooks;
  }

  /** Records that the journal has. */
  add(topic: TopicName, records: readonly Received<TopicName>[]): void {
    if (!this.#flush) return this.#hooks.onSynced(topic, records);
    this.#waiting.push([topic, records]);
    this.#asked = true;
    this.#sync();
  }

  /** Records that do not lie on the disk yet, of one topic or of all. */
  waiting(topic?: TopicName): number {
    return [...this.#step, ...this.#waiting]
      .reduce((sum, [name, { length }]) => sum + ((topic ?? name) === name ? length : 0), 0);
  }

  /** Whether more than {@link WAITING_MAX} records wait: the disk does not keep up. */
  get behind(): boolean {
    return this.waiting() > WAITING_MAX;
  }

  /** Resolves when all that was added lies on the disk; rejects when the disk failed. */
  async settled(): Promise<void> {
    if (this.#asked) await this.#next.promise;
    else await this.#syncing;
  }

  /** Resolves when all that the journal has now lies on the disk, records or not. */
  async flush(): Promise<void> {
    if (!this.#flush) return;
    this.#asked = true;
    this.#sync();
    await this.#next.promise;
  }

  #sync(): void {
    this.#pace.look();
    if (this.#syncing || !this.#asked) return;
    this.#syncing = this.#pace.step().then(() => this.#take());
    this.#syncing.then(() => this.#taken(), () => {});
  }

  #taken(): void {
    this.#syncing = undefined;
    this.#sync();
  }

  async #take(): Promise<void> {
    const { resolve, reject } = this.#next;
    this.#step = this.#waiting;
    this.#waiting = [];
    this.#asked = false;
    this.#next = nextStep();
    try {
      await this.#flush!();
    } catch (error) {
      reject(error);
      this.#next.reject(error);
      this.#hooks.onFailed(error);
      throw error;
    }
    const step = this.#step;
    this.#step = [];
    for (const [topic, records] of step) this.#hooks.onSynced(topic, records);
    resolve();
  }
}

function nextStep(): PromiseWithResolvers<void> {
  const step = Promise.withResolvers<void>();
  // Who waits sees the failure; a step nobody waits for must not end the process by itself.
  step.promise.catch(() => {});
  return step;
}
