/** One reader of the embedded bus: its topics, and the partitions it has of each. */
import type { TopicName } from '../model/events.ts';
import type { Reader, ReadOptions, Share } from './bus.ts';
import type { AnyReader } from './embedded-reader.ts';
import type { StoredPosition } from './journal-protocol.ts';

export interface MembershipSetup {
  options: ReadOptions;
  topics: ReadonlyMap<TopicName, AnyReader>;
  /** Keeps a position until it is stored. */
  commit(position: StoredPosition): void;
  flush(): Promise<void>;
  /** Resolves when what was published before has reached its readers. */
  handedOn(): Promise<void>;
  onClose(): void;
}

export class Membership implements Reader {
  readonly caughtUp: Promise<void>;
  partitions: readonly number[] = [];
  readonly #on: MembershipSetup;
  #closed = false;

  constructor(setup: MembershipSetup) {
    this.#on = setup;
    const topics = [...setup.topics.values()];
    this.caughtUp = Promise.all(topics.map((topic) => topic.caughtUp)).then(() => {});
  }

  /** What its peers share: readers of one group and the same topics. Of others each is alone. */
  get group(): unknown {
    const { options, topics } = this.#on;
    if (options.as !== 'group') return this;
    return `${options.group} ${[...topics.keys()].sort().join(' ')}`;
  }

  assign(partitions: readonly number[]): void {
    this.partitions = partitions;
    const { options, topics } = this.#on;
    const assigned = options.as === 'group' ? options.assigned : undefined;
    const told = assigned && Promise.withResolvers<void>();
    for (const topic of topics.values()) topic.assign(partitions, told?.promise);
    if (!assigned) return;
    const share: Share = {
      partitions,
      position: (topic, partition) => topics.get(topic)?.position(partition),
      startAt: (topic, partition, offset) => topics.get(topic)?.startAt(partition, offset),
    };
    const tell = async (): Promise<void> => await assigned(share);
    tell().then(told!.resolve, told!.reject);
  }

  commit(topic: TopicName, partition: number, offset: number, note = ''): void {
    const { options, topics } = this.#on;
    if (options.as !== 'group') return;
    if (!topics.get(topic)?.commit({ partition, offset, note })) return;
    this.#on.commit({ group: options.group, topic, partition, offset, note });
  }

  flush(): Promise<void> {
    return this.#on.flush();
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    // Stages end one after the other, each with all that those before it have published.
    await this.#on.handedOn();
    await Promise.all([...this.#on.topics.values()].map((topic) => topic.close()));
    this.#on.onClose();
  }
}
