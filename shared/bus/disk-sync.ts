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
/** Records that may wait for a slow disk, about 20 MB of outcomes, before those who publish wait with them. */
const WAITING_MAX = 20_000;

export interface DiskSyncHooks {
  /** Told in the order of {@link DiskSync.add}. */
  onSynced(topic: TopicName, records: readonly Received<TopicName>[]): void;
  /** The disk failed: the records are in the journal all the same, and handed on. */
  onError(error: unknown): void;
}

type Step = [TopicName, readonly Received<TopicName>[]][];

export class DiskSync {
  readonly #flush: Journal['sync'];
  readonly #hooks: DiskSyncHooks;
  readonly #pace = new Pace(PACE_MS);
  #waiting: Step = [];
  /** What the disk is told to take. */
  #step: Step = [];
  /** Records of both. */
  #count = 0;
  #next = Promise.withResolvers<void>();
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
    this.#count += records.length;
    this.#sync();
  }

  /** Records of it that do not lie on the disk yet. */
  waiting(topic: TopicName): number {
    return count([...this.#step, ...this.#waiting].filter(([name]) => name === topic));
  }

  /** Whether more than {@link WAITING_MAX} records wait: the disk does not keep up. */
  get behind(): boolean {
    return this.#count > WAITING_MAX;
  }

  /** Resolves when all that was added lies on the disk. */
  async settled(): Promise<void> {
    if (this.#waiting.length > 0) await this.#next.promise;
    else await this.#syncing;
  }

  #sync(): void {
    this.#pace.look();
    if (this.#syncing || this.#waiting.length === 0) return;
    this.#syncing = this.#pace.step().then(() => this.#take()).finally(() => {
      this.#syncing = undefined;
      this.#sync();
    });
  }

  async #take(): Promise<void> {
    const { resolve } = this.#next;
    this.#step = this.#waiting;
    this.#waiting = [];
    this.#next = Promise.withResolvers();
    await this.#flush!().catch((error) => this.#hooks.onError(error));
    const step = this.#step;
    this.#step = [];
    this.#count -= count(step);
    for (const [topic, records] of step) this.#hooks.onSynced(topic, records);
    resolve();
  }
}

function count(step: Step): number {
  return step.reduce((sum, [, records]) => sum + records.length, 0);
}
