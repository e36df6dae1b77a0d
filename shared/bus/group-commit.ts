/**
 * Appends the records of durable topics to the journal in groups: all that was published in one turn, and
 * more where something is in the way.
 */
import type { TopicName } from '../model/events.ts';
import type { Received } from './bus.ts';
import type { Journal } from './journal.ts';

/** ms after which a journal is tried again that somebody else writes to. */
const AGAIN_MS = 1;

/** Records that may wait for their group: some seconds of full load. Above, they are refused. */
const GATHERED_MAX = 40_000;

export interface GroupCommitHooks {
  now(): number;
  /** Whether the next group may be appended; when that changes, {@link GroupCommit.write} is to be called. */
  mayWrite(): boolean;
  /** Told in order, before the publisher's promise resolves. */
  onStored(topic: TopicName, records: readonly Received<TopicName>[]): void;
}

export class GroupCommit {
  readonly #journal: Pick<Journal, 'append'>;
  readonly #hooks: GroupCommitHooks;
  #gathering = new Map<TopicName, Received<TopicName>[]>();
  #next = nextGroup();
  #again: NodeJS.Timeout | undefined;
  /** Whether those a group is told to are at it: what they publish is stored after all of it. */
  #telling = false;

  constructor(journal: Pick<Journal, 'append'>, hooks: GroupCommitHooks) {
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

  /** Appends what was gathered; where the journal is locked, as soon as it is free again. */
  write(): void {
    if (this.#gathering.size === 0 || this.#telling || !this.#hooks.mayWrite()) return;
    const group = this.#gathering;
    const { resolve, reject } = this.#next;
    try {
      if (!this.#journal.append(this.#hooks.now(), group)) return this.#later();
    } catch (error) {
      this.#begin();
      // Each publisher sees the failure.
      return reject(error);
    }
    this.#begin();
    this.#telling = true;
    for (const [topic, records] of group) this.#hooks.onStored(topic, records);
    this.#telling = false;
    resolve();
  }

  #begin(): void {
    this.#gathering = new Map();
    this.#next = nextGroup();
  }

  #later(): void {
    this.#again ??= setTimeout(() => {
      this.#again = undefined;
      this.write();
    }, AGAIN_MS);
  }

  /** Resolves when all that was added is stored, or has failed; what comes meanwhile is not waited for. */
  async settled(): Promise<void> {
    if (this.#gathering.size === 0) return;
    const { promise } = this.#next;
    this.write();
    await promise.catch(() => {});
  }
}

function nextGroup(): PromiseWithResolvers<void> {
  const group = Promise.withResolvers<void>();
  // A group nobody waits for must not end the process when it fails.
  group.promise.catch(() => {});
  return group;
}
