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
    this.#waiting.set(keyOf(position), position);
  }

  /** Resolves when all commits so far are stored, those on their way included. */
  store(): Promise<void> {
    if (this.#waiting.size > 0) {
      const positions = [...this.#waiting.values()];
      this.#waiting.clear();
      const stored = this.#journal.call({ op: 'commit', positions }).catch((error) => {
        for (const position of positions) this.#putBack(position);
        throw error;
      });
      this.#storing = Promise.all([this.#storing, stored]).then(() => {});
      // Whoever waits sees the failure; the next commit tries again and must not inherit it.
      this.#storing.catch(() => this.#storing = Promise.resolve());
    }
    return this.#storing;
  }

  /** Unless a later commit has taken its place. */
  #putBack(position: StoredPosition): void {
    const key = keyOf(position);
    if (!this.#waiting.has(key)) this.#waiting.set(key, position);
  }
}

function keyOf({ group, topic, partition }: StoredPosition): string {
  return `${group}/${topic}/${partition}`;
}
