/**
 * Writes the records of durable topics to the journal in groups: one is on its way, the next gathers
 * until that one is stored. The slower the disk, the larger the groups; where it is fast, a pace
 * keeps them from becoming small.
 */
import type { TopicName } from '../model/events.ts';
import { Pace } from '../model/pace.ts';
import type { Received } from './bus.ts';
import type { Journal } from './journal.ts';
import { journalBatches } from './journal-records.ts';

/**
 * ms between the beginnings of two groups. A group costs its thread 0.15 ms and the main thread 0.02,
 * however few records are in it; without a pace a busy exchange makes 1,200 a second. Who comes after
 * a pause does not wait.
 */
const PACE_MS = 2;

/**
 * Records that may wait for their group: some seconds of full load, while a group takes 2 ms. Above, they
 * are refused.
 */
const GATHERED_MAX = 40_000;

export interface GroupCommitHooks {
  now(): number;
  /** Whether the next group may be sent; when that changes, {@link GroupCommit.write} is to be called. */
  mayWrite(): boolean;
  /** Told in order, before the publisher's promise resolves. */
  onStored(topic: TopicName, records: readonly Received<TopicName>[]): void;
}

export class GroupCommit {
  readonly #journal: Journal;
  readonly #hooks: GroupCommitHooks;
  #gathering = new Map<TopicName, Received<TopicName>[]>();
  #next = nextGroup();
  readonly #pace = new Pace(PACE_MS);
  #writing: Promise<void> | undefined;

  constructor(journal: Journal, hooks: GroupCommitHooks) {
    this.#journal = journal;
    this.#hooks = hooks;
  }

  /** Whether there is room for more. */
  get isFull(): boolean {
    let gathered = 0;
    for (const records of this.#gathering.values()) gathered += records.length;
    return gathered > GATHERED_MAX;
  }

  /** Takes records for the next group; resolves when it is stored. */
  add(topic: TopicName, records: readonly Received<TopicName>[]): Promise<void> {
    const gathered = this.#gathering.get(topic);
    if (!gathered) this.#gathering.set(topic, [...records]);
    else for (const record of records) gathered.push(record);
    return this.#next.promise;
  }

  waiting(topic: TopicName): number {
    return this.#gathering.get(topic)?.length ?? 0;
  }

  /** Sends what was gathered when it is time for the next group, unless one is on its way: then afterwards. */
  write(): void {
    this.#pace.look();
    if (this.#writing || this.#gathering.size === 0 || !this.#hooks.mayWrite()) return;
    this.#writing = this.#pace.step().then(() => this.#send()).finally(() => {
      this.#writing = undefined;
      this.write();
    });
  }

  /** Never rejects: each publisher sees the failure. */
  async #send(): Promise<void> {
    const group = this.#gathering;
    const waiters = this.#next;
    this.#gathering = new Map();
    this.#next = nextGroup();
    try {
      const atMs = this.#hooks.now();
      await this.#journal.call({ op: 'append', atMs, ...journalBatches(group) });
    } catch (error) {
      return waiters.reject(error);
    }
    for (const [topic, records] of group) this.#hooks.onStored(topic, records);
    waiters.resolve();
  }

  /** Resolves when all that was added is stored, or has failed; what comes meanwhile is not waited for. */
  async settled(): Promise<void> {
    if (this.#gathering.size === 0) return await this.#writing;
    this.write();
    await this.#next.promise.catch(() => {});
  }
}

function nextGroup(): PromiseWithResolvers<void> {
  const group = Promise.withResolvers<void>();
  // Each publisher sees the failure; a group nobody waits for must not end the process.
  group.promise.catch(() => {});
  return group;
}
