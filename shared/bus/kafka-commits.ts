/**
 * Positions on their way to Kafka: all that wait go in one request, which Kafka stores whole or not
 * at all. Kept back while shares change, and forgotten when another begins: whoever has a partition
 * then starts from what was stored.
 */
import type { Consumer } from 'kafkajs';
import type { TopicName } from '../model/events.ts';
import type { TopicNames } from './kafka-topics.ts';

/** How often commits are stored; what lies between is read again after a crash. */
const COMMIT_INTERVAL_MS = 500;

/** Of failures in a row, this one is reported. */
const REPORTED_FAILURE = 4;

interface Commit {
  topic: TopicName;
  partition: number;
  offset: number;
  note: string;
}

export interface CommitsSetup {
  names: TopicNames;
  onError(error: unknown): void;
}

export class KafkaCommits {
  readonly #on: CommitsSetup;
  readonly #timer: NodeJS.Timeout;
  #waiting = new Map<string, Commit>();
  /** Undefined while shares change. */
  #consumer: Consumer | undefined;
  #storing: Promise<void> = Promise.resolve();

  constructor(setup: CommitsSetup) {
    this.#on = setup;
    let failures = 0;
    this.#timer = setInterval(() => {
      if (!this.#consumer) return;
      this.flush().then(() => failures = 0, (error) => {
        // Shares change, and Kafka refuses what belongs to the last one: nothing is lost by that.
        if (++failures === REPORTED_FAILURE) setup.onError(error);
      });
    }, COMMIT_INTERVAL_MS);
  }

  add(commit: Commit): void {
    this.#waiting.set(`${commit.topic}/${commit.partition}`, commit);
  }

  hold(): void {
    this.#consumer = undefined;
  }

  drop(): void {
    this.#consumer = undefined;
    this.#waiting.clear();
  }

  use(consumer: Consumer): void {
    this.#consumer = consumer;
  }

  /** Rejects while shares change; what was not stored waits for the next time. */
  flush(): Promise<void> {
    const stored = this.#storing.then(() => this.#store());
    this.#storing = stored.catch(() => {});
    return stored;
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    if (this.#consumer) await this.flush();
  }

  async #store(): Promise<void> {
    if (this.#waiting.size === 0) return;
    const consumer = this.#consumer;
    if (!consumer) throw new Error('Cannot store positions: the partitions are being shared anew');
    const commits = this.#waiting;
    this.#waiting = new Map();
    try {
      await consumer.commitOffsets(
        [...commits.values()].map(({ topic, partition, offset, note }) => ({
          topic: this.#on.names[topic],
          partition,
          offset: String(offset),
          metadata: note,
        })),
      );
    } catch (error) {
      // Later commits count more; of a share that has ended none does.
      if (consumer === this.#consumer) this.#waiting = new Map([...commits, ...this.#waiting]);
      throw error;
    }
  }
}
