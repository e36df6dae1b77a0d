/** Gathers the positions readers commit and stores them together. */
import type { Journal } from './journal.ts';
import type { StoredPosition } from './journal-protocol.ts';

export class PositionKeeper {
  readonly #journal: Journal;
  readonly #waiting = new Map<string, StoredPosition>();
  #storing: Promise<void> = Promise.resolve();

  constructor(journal: Journal) {
    this.#journal = journal;
  }

  /** Of one group and partition the last commit counts. */
  commit(position: StoredPosition): void {
    const { group, topic, partition } = position;
    this.#waiting.set(`${group}/${topic}/${partition}`, position);
  }

  /** Resolves when all commits so far are stored, those on their way included. */
  store(): Promise<void> {
    if (this.#waiting.size > 0) {
      const positions = [...this.#waiting.values()];
      this.#waiting.clear();
      const stored = this.#journal.call({ op: 'commit', positions });
      this.#storing = Promise.all([this.#storing, stored]).then(() => {});
      // Whoever waits sees the failure; the next commit must not inherit it.
      this.#storing.catch(() => this.#storing = Promise.resolve());
    }
    return this.#storing;
  }
}
