/** Work of the engine that is not waited for when the engine closes: what people asked. */
import { setTimeout as sleep } from 'node:timers/promises';
import { WarehouseError } from './warehouse.ts';

const AGAIN_MS = 50;

export class Endable {
  /** Tells the engine to give up all of it that runs. */
  readonly #kill: () => Promise<unknown>;
  #running = 0;
  #ending = false;

  constructor(kill: () => Promise<unknown>) {
    this.#kill = kill;
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#ending) {
      throw new WarehouseError('closed', 'Cannot use the warehouse: it is closing');
    }
    this.#running++;
    try {
      return await work();
    } finally {
      this.#running--;
    }
  }

  /** Begins nothing more, and resolves when nothing runs. */
  async end(): Promise<void> {
    this.#ending = true;
    while (this.#running > 0) {
      // Again and again: one that is about to begin is not met the first time.
      await this.#kill().catch(() => {});
      await sleep(AGAIN_MS);
    }
  }
}
