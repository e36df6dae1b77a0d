/**
 * The durable half of the embedded bus: records and positions go into the journal in groups, and from there
 * onto the disk. Says when they have come so far.
 */
import type { TopicName } from '../model/events.ts';
import { BusError, type Received } from './bus.ts';
import { DiskSync } from './disk-sync.ts';
import { GroupCommit } from './group-commit.ts';
import type { Journal } from './journal.ts';
import type { StoredPosition } from './journal-protocol.ts';
import { PositionKeeper } from './position-keeper.ts';

/** Whose publisher has somebody wait for it; the others hear when the disk has their records. */
const HASTY: TopicName = 'auction_outcomes';

type Records = readonly Received<TopicName>[];

export interface DurableLogHooks {
  now(): number;
  /** The journal has them: they outlive the process. Told in order. */
  onStored(topic: TopicName, records: Records): void;
  /** The disk has them: they outlive a power cut. Told in the same order. */
  onSynced(topic: TopicName, records: Records): void;
  /** The disk failed: nothing can be stored any more. */
  onFatal(error: BusError): void;
}

export class DurableLog {
  readonly #journal: Journal;
  readonly #positions: PositionKeeper;
  readonly #commits: GroupCommit;
  readonly #disk: DiskSync;
  #failure: BusError | undefined;

  constructor(journal: Journal, { now, onStored, onSynced, onFatal }: DurableLogHooks) {
    this.#journal = journal;
    this.#positions = new PositionKeeper(journal);
    this.#commits = new GroupCommit(journal, {
      now,
      onStored: (topic, records) => {
        onStored(topic, records);
        this.#disk.add(topic, records);
      },
      // Nobody waits for a disk that has failed: the journal alone outlives the process.
      mayWrite: () => this.#failure !== undefined || !this.#disk.behind,
    });
    this.#disk = new DiskSync(journal.sync, {
      onSynced: (topic, records) => {
        onSynced(topic, records);
        // If it waited for the disk, it goes on.
        this.#commits.write();
      },
      onFailed: (cause) => {
        this.#failure = new BusError('unavailable', 'Cannot store anything: the disk failed', {
          cause,
        });
        this.#commits.write();
        onFatal(this.#failure);
      },
    });
  }

  /** Why it takes no more of a topic, if it does not. */
  refusal(topic: TopicName): BusError | undefined {
    if (this.#failure || !this.#commits.isFull) return this.#failure;
    return new BusError(
      'unavailable',
      `Cannot publish to ${topic}: too much waits for the journal`,
    );
  }

  /**
   * Takes records for the next {@link write}. Resolves when they are stored; of topics that nobody waits
   * for, when the disk has them.
   */
  add(topic: TopicName, records: Records): Promise<void> {
    const stored = this.#commits.add(topic, records);
    return topic === HASTY ? stored : stored.then(() => this.#disk.settled());
  }

  write(): void {
    this.#commits.write();
  }

  /** Records of it that are not on the disk yet. */
  waiting(topic: TopicName): number {
    return this.#commits.waiting(topic) + this.#disk.waiting(topic);
  }

  /** Resolves when everything added before is handed on, or never will be. */
  async settled(): Promise<void> {
    await this.#commits.settled();
    await this.synced().catch(() => {});
  }

  /** Resolves when all that is stored lies on the disk; rejects when the disk failed. */
  synced(): Promise<void> {
    return this.#disk.settled();
  }

  // --- positions ---

  commit(position: StoredPosition): void {
    this.#positions.commit(position);
  }

  /** Resolves when all commits so far are in the journal. */
  storePositions(): Promise<void> {
    return this.#positions.store();
  }

  /** Resolves when all commits so far lie on the disk: whoever asks goes on with what must not outlive them. */
  async flushPositions(): Promise<void> {
    await this.#positions.store();
    await this.#disk.flush();
  }

  /** Rejects when nothing can be stored. */
  async check(): Promise<void> {
    if (this.#failure) throw this.#failure;
    await this.#journal.call({ op: 'ping' });
  }

  async close(): Promise<void> {
    await this.#positions.store().finally(() => this.#journal.close());
  }
}
