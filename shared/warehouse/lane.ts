/** Work one after the other. */
export class Lane {
  #last: Promise<unknown> = Promise.resolve();

  run<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work);
    this.#last = result.catch(() => {});
    return result;
  }
}

/** A lane with a connection of its own. */
export class ConnectedLane<C extends { close(): Promise<void> }> {
  readonly #lane = new Lane();
  readonly #connect: () => Promise<C>;
  #connection: C | undefined;

  constructor(connect: () => Promise<C>) {
    this.#connect = connect;
  }

  run<T>(work: (connection: C) => Promise<T>): Promise<T> {
    return this.#lane.run(async () => {
      this.#connection ??= await this.#connect();
      try {
        return await work(this.#connection);
      } catch (error) {
        // A statement that fails half way leaves its output in chDB's connection, and the next
        // result would begin with it. A new connection costs 1 ms.
        await this.#disconnect();
        throw error;
      }
    });
  }

  close(): Promise<void> {
    return this.#lane.run(() => this.#disconnect());
  }

  async #disconnect(): Promise<void> {
    const connection = this.#connection;
    this.#connection = undefined;
    await connection?.close();
  }
}
