/** What comes at any time, for one reader who takes it in its order: `for await (const one of mailbox)`. */
export class Mailbox<T> implements AsyncIterable<T> {
  #letters: T[] = [];
  #end: { error?: unknown } | undefined;
  #wake: () => void = () => {};

  push(...letters: readonly T[]): void {
    this.#letters.push(...letters);
    this.#wake();
  }

  /** After what was pushed before nothing comes any more; the first end counts. */
  end(): void {
    this.#end ??= {};
    this.#wake();
  }

  /** As {@link Mailbox.end}; then the reader's loop throws. */
  fail(error: unknown): void {
    this.#end ??= { error };
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, void> {
    while (true) {
      yield* this.#letters.splice(0);
      if (this.#letters.length > 0) continue;
      if (this.#end && 'error' in this.#end) throw this.#end.error;
      if (this.#end) return;
      await new Promise<void>((wake) => this.#wake = wake);
    }
  }
}
