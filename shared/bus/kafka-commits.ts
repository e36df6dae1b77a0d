/**
 * Positions on their way to Kafka: all that wait go in one request, which Kafka stores whole or not
 * at all. They belong to a share of the partitions and are forgotten when it ends: whoever has a
 * partition then starts from what was stored.
 */
import type { Consumer } from 'kafkajs';
import type { TopicName } from '../model/events.ts';
import type { TopicNames } from './kafka-topics.ts';

/** How often commits are stored; what lies between is read again after a crash. */
const COMMIT_INTERVAL_MS = 500;

/** Of failures in a row, this one is reported: a broker that goes is replaced within ten seconds. */
const REPORTED_FAILURE = 20;

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

/** One share of the partitions, and what is to be stored while it lasts. */
interface Term {
  consumer: Consumer;
  waiting: Map<string, Commit>;
}

export class KafkaCommits {
  readonly #on: CommitsSetup;
  readonly #timer: NodeJS.Timeout;
  /** Undefined while shares change. */
  #term: Term | undefined;
  #storing: Promise<void> = Promise.resolve();

  constructor(setup: CommitsSetup) {
    this.#on = setup;
    let failures = 0;
    this.#timer = setInterval(() => {
      if (!this.#term) return;
      this.flush().then(() => failures = 0, (error) => {
        // Shares change, and Kafka refuses what belongs to the last one: nothing is lost by that.
        if (++failures === REPORTED_FAILURE) setup.onError(error);
      });
    }, COMMIT_INTERVAL_MS);
  }

  /** Between two shares nothing is kept: it may be of a partition that has parted. */
  add(commit: Commit): void {
    this.#term?.waiting.set(`${commit.topic}/${commit.partition}`, commit);
  }

  /** A share begins. */
  begin(consumer: Consumer): void {
    this.#term = { consumer, waiting: new Map() };
  }

  /** It ends, and what was not stored of it is forgotten. */
  end(): void {
    this.#term = undefined;
  }

  /** Rejects when the share ends before; what was not stored for another reason waits for the next time. */
  flush(): Promise<void> {
    const term = this.#term;
    if (!term) return Promise.reject(sharedAnew());
    const stored = this.#storing.then(() => this.#store(term));
    this.#storing = stored.catch(() => {});
    return stored;
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    if (this.#term) await this.flush();
  }

  async #store(term: Term): Promise<void> {
    // What was added may be forgotten by now: whoever waits must not take it for stored.
    if (term !== this.#term) throw sharedAnew();
    const commits = term.waiting;
    if (commits.size === 0) return;
    term.waiting = new Map();
    try {
      await term.consumer.commitOffsets(
        [...commits.values()].map(({ topic, partition, offset, note }) => ({
          topic: this.#on.names[topic],
          partition,
          offset: String(offset),
          metadata: note,
        })),
      );
    } catch (error) {
      // Later commits count more.
      term.waiting = new Map([...commits, ...term.waiting]);
      throw error;
    }
  }
}

function sharedAnew(): Error {
  return new Error('Cannot store positions: the partitions are being shared anew');
}
