/**
 * Writes the records of durable topics to the journal in groups: one is on its way, the next gathers
 * until that one is stored. The slower the disk, the larger the groups.
 */
import type { TopicName } from '../model/events.ts';
import type { Received } from './bus.ts';
import type { Journal } from './journal.ts';
import { journalBatches } from './journal-records.ts';

export interface GroupCommitHooks {
  now(): number;
  /** Told in order, before the publisher's promise resolves. */
  onStored(topic: TopicName, records: readonly Received<TopicName>[]): void;
}

export class GroupCommit {
  readonly #journal: Journal;
  readonly #hooks: GroupCommitHooks;
  #gathering = new Map<TopicName, Received<TopicName>[]>();
  #next = nextGroup();
  #writing: Promise<void> | undefined;

  constructor(journal: Journal, hooks: GroupCommitHooks) {
    this.#journal = journal;
    this.#hooks = hooks;
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

  /** Sends the gathered group unless one is on its way, which sends it afterwards. */
  write(): void {
    if (this.#writing || this.#gathering.size === 0) return;
    const group = this.#gathering;
    const waiters = this.#next;
    this.#gathering = new Map();
    this.#next = nextGroup();
    const atMs = this.#hooks.now();
    this.#writing = this.#journal.call({ op: 'append', atMs, ...journalBatches(group) }).then(
      () => {
        for (const [topic, records] of group) this.#hooks.onStored(topic, records);
        waiters.resolve();
      },
      (error) => waiters.reject(error),
    ).finally(() => {
      this.#writing = undefined;
      this.write();
    });
  }

  /** Resolves when everything is stored, or has failed. */
  async drain(): Promise<void> {
    this.write();
    while (this.#writing) await this.#writing;
  }
}

function nextGroup(): PromiseWithResolvers<void> {
  const group = Promise.withResolvers<void>();
  // Each publisher sees the failure; a group nobody waits for must not end the process.
  group.promise.catch(() => {});
  return group;
}
