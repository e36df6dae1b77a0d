/**
 * One bus out of two: some topics stay in this process, the others are shared. For exchange nodes
 * that hold an auction from the request to the outcome, and share nothing but what came of it.
 */
import type { TopicName } from '../model/events.ts';
import type {
  BatchHandler,
  Bus,
  Handlers,
  Outgoing,
  Reader,
  ReadOptions,
  Received,
} from './bus.ts';

export interface SplitSetup {
  /** Has the topics that stay here. */
  local: Bus;
  shared: Bus;
  localTopics: ReadonlySet<TopicName>;
  onError(error: unknown, where: { topic: TopicName }): void;
}

/** Closes both with itself. */
export function createSplitBus(setup: SplitSetup): Bus {
  return new SplitBus(setup);
}

interface Echo {
  topic: TopicName;
  partitions: ReadonlySet<number>;
  handler: BatchHandler<TopicName>;
}

class SplitBus implements Bus {
  readonly partitions: number;
  readonly #on: SplitSetup;
  readonly #echoes = new Set<Echo>();
  /** Numbers what is echoed: nobody commits it, but offsets grow. */
  #echoed = 0;

  constructor(setup: SplitSetup) {
    this.#on = setup;
    this.partitions = setup.shared.partitions;
  }

  async publish<T extends TopicName>(
    topic: T,
    records: readonly Outgoing<T>[],
    promised = false,
  ): Promise<void> {
    await this.#busOf(topic).publish(topic, records, promised);
    for (const echo of this.#echoes) if (echo.topic === topic) this.#echo(echo, records);
  }

  async read(options: ReadOptions, handlers: Handlers): Promise<Reader> {
    const topics = Object.keys(handlers) as TopicName[];
    const isLocal = (topic: TopicName): boolean => this.#on.localTopics.has(topic);
    const local = topics.filter(isLocal);
    if (local.length === topics.length) return await this.#on.local.read(options, handlers);
    if (local.length > 0) {
      throw new Error(`Cannot read ${topics.join(' and ')} together: only ${local} stays here`);
    }
    if (options.as === 'slice' && options.echo) return this.#readEcho(options.partitions, handlers);
    return await this.#on.shared.read(options, handlers);
  }

  check(): Promise<void> {
    return this.#on.shared.check();
  }

  depths(): { topic: TopicName; waiting: number }[] {
    const { local, shared, localTopics } = this.#on;
    return [
      ...local.depths().filter(({ topic }) => localTopics.has(topic)),
      ...shared.depths().filter(({ topic }) => !localTopics.has(topic)),
    ];
  }

  async close(): Promise<void> {
    await this.#on.local.close();
    await this.#on.shared.close();
  }

  #busOf(topic: TopicName): Bus {
    return this.#on.localTopics.has(topic) ? this.#on.local : this.#on.shared;
  }

  #readEcho(partitions: readonly number[], handlers: Handlers): Reader {
    const echoes = Object.entries(handlers).map(([topic, handler]): Echo => ({
      topic: topic as TopicName,
      partitions: new Set(partitions),
      handler: handler as BatchHandler<TopicName>,
    }));
    for (const echo of echoes) this.#echoes.add(echo);
    return {
      partitions,
      caughtUp: Promise.resolve(),
      commit() {},
      flush: () => Promise.resolve(),
      close: () => {
        for (const echo of echoes) this.#echoes.delete(echo);
        return Promise.resolve();
      },
    };
  }

  #echo({ topic, partitions, handler }: Echo, records: readonly Outgoing<TopicName>[]): void {
    const batch: Received<TopicName>[] = [];
    for (const { partition, value } of records) {
      if (partitions.has(partition)) batch.push({ partition, offset: this.#echoed++, value });
    }
    if (batch.length === 0) return;
    const report = (error: unknown): void => this.#on.onError(error, { topic });
    try {
      handler(batch)?.catch(report);
    } catch (error) {
      report(error);
    }
  }
}
