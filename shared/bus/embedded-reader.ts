/**
 * One topic of a reader of the embedded bus. A reader of a durable topic that starts in the past, or
 * falls too far behind, reads from the journal until it has reached the end and then takes records
 * as they are stored.
 */
import type { TopicName } from '../model/events.ts';
import type { BatchHandler, Position, Received } from './bus.ts';
import type { StoredPosition } from './journal-protocol.ts';

/** Records kept for a busy reader, about 20 MB of outcomes; above, a durable topic is read back instead. */
const WAITING_MAX = 20_000;
/** First wait after a journal that cannot be read, doubled each time up to the longest. */
const PAUSE_MS = 100;
const PAUSE_MAX_MS = 5_000;
/** Journal batches fetched at once while catching up: some thousand records under load. */
const HISTORY_BATCHES = 64;

export interface History {
  end(partition: number): number;
  read(partition: number, from: number, batchesMax: number): Promise<Received<TopicName>[]>;
}

export interface TopicReaderSetup<T extends TopicName> {
  handler: BatchHandler<T>;
  stored: StoredPosition[];
  starts: number[];
  ends: number[];
  history: History | undefined;
  /** Whether the group's positions are kept; what is below them may be deleted. */
  keepsPositions: boolean;
  onError(error: unknown): void;
  onDrop(records: number): void;
}

/** What the bus asks of its readers, whatever their topic. */
export interface AnyReader {
  readonly waiting: number;
  readonly caughtUp: Promise<void>;
  deliver(records: readonly Received<TopicName>[]): void;
  /** Reads these partitions from now on, their records not before `ready`. */
  assign(partitions: readonly number[], ready: Promise<void> | undefined): void;
  startAt(partition: number, offset: number): void;
  position(partition: number): Position | undefined;
  /** Remembers a position; false when the partition is not this reader's. */
  commit(position: Position & { partition: number }): boolean;
  /** Lowest offset the reader may still want; Infinity for a reader without positions. */
  committed(partition: number): number;
  close(): Promise<void>;
}

export function createTopicReader<T extends TopicName>(setup: TopicReaderSetup<T>): AnyReader {
  return new TopicReader(setup);
}

class TopicReader<T extends TopicName> implements AnyReader {
  readonly caughtUp: Promise<void>;
  readonly #setup: TopicReaderSetup<T>;
  readonly #committed = new Map<number, Position>();
  /** Offset of the next record to hand over, by partition. */
  readonly #next: number[];
  #records: Received<T>[] = [];
  /** Takes records as they are stored; otherwise they are fetched from the journal. */
  #live: boolean;
  #owns: Set<number> = new Set();
  #busy: Promise<void> | undefined;
  #closed = false;
  /** Of reading the journal, in a row. */
  #failures = 0;
  #endPause: (() => void) | undefined;
  #reached!: () => void;

  constructor(setup: TopicReaderSetup<T>) {
    this.#setup = setup;
    this.#live = setup.history === undefined;
    this.#next = [...setup.starts];
    for (const { partition, offset, note } of setup.stored) {
      this.#committed.set(partition, { offset, note });
      this.#next[partition] = offset;
    }
    this.caughtUp = new Promise((resolve) => this.#reached = resolve);
    if (this.#live) this.#reached();
  }

  get waiting(): number {
    return this.#records.length;
  }

  assign(partitions: readonly number[], ready: Promise<void> | undefined): void {
    const owns = new Set(partitions);
    for (const partition of owns) {
      // A partition that came from another member goes on where that one had committed.
      if (!this.#owns.has(partition)) {
        this.#next[partition] = this.#committed.get(partition)?.offset ?? this.#next[partition]!;
      }
    }
    this.#owns = owns;
    this.#records = this.#records.filter(({ partition }) => owns.has(partition));
    if (ready) {
      const told = ready.catch((error) => this.#setup.onError(error));
      this.#wait(Promise.all([this.#busy, told]), () => this.#run());
    }
    if (this.#setup.history) this.#fallBehind();
  }

  startAt(partition: number, offset: number): void {
    this.#next[partition] = offset;
  }

  position(partition: number): Position | undefined {
    return this.#committed.get(partition);
  }

  deliver(records: readonly Received<TopicName>[]): void {
    if (!this.#live || this.#closed) return;
    const mine = this.#owns.size === this.#next.length
      ? records
      : records.filter(({ partition }) => this.#owns.has(partition));
    if (this.#records.length + mine.length > WAITING_MAX) {
      if (this.#setup.history) this.#fallBehind();
      else this.#setup.onDrop(mine.length);
      return;
    }
    for (const record of mine) this.#records.push(record as Received<T>);
    this.#run();
  }

  commit({ partition, offset, note }: Position & { partition: number }): boolean {
    if (!this.#owns.has(partition)) return false;
    this.#committed.set(partition, { offset, note });
    return true;
  }

  committed(partition: number): number {
    if (!this.#setup.keepsPositions || !this.#owns.has(partition)) return Infinity;
    return this.#committed.get(partition)?.offset ?? this.#setup.starts[partition] ?? 0;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#endPause?.();
    await this.#busy;
  }

  /** Hands over what waits; again after an asynchronous handler has finished. */
  #run(): void {
    while (!this.#busy && this.#records.length > 0 && !this.#closed) {
      const batch = this.#records;
      this.#records = [];
      const done = this.#handle(batch);
      if (done) this.#wait(done, () => this.#run());
    }
  }

  #handle(batch: readonly Received<T>[]): Promise<void> | undefined {
    for (const { partition, offset } of batch) this.#next[partition] = offset + 1;
    try {
      const done = this.#setup.handler(batch);
      return done instanceof Promise ? done : undefined;
    } catch (error) {
      this.#setup.onError(error);
      return undefined;
    }
  }

  /** Hands nothing over until `done`; of several waits the last one goes on. */
  #wait(done: Promise<unknown>, then: () => void): void {
    const busy = done.catch((error) => this.#setup.onError(error)).then(() => {
      if (this.#busy !== busy) return;
      this.#busy = undefined;
      then();
    });
    this.#busy = busy;
  }

  #fallBehind(): void {
    this.#live = false;
    this.#records = [];
    if (!this.#busy) this.#wait(this.#catchUp(), () => this.#afterCatchUp());
    // A busy reader goes on from the journal when its handler has finished.
    else void this.#busy.then(() => !this.#busy && !this.#live && this.#fallBehind());
  }

  /** Reads to the end of the journal, or until the share changes. Takes a pause when it cannot be read. */
  async #catchUp(): Promise<void> {
    try {
      await this.#readBack();
      this.#failures = 0;
    } catch (error) {
      this.#setup.onError(error);
      if (!this.#closed) await this.#pause(PAUSE_MS * 2 ** this.#failures++);
    }
  }

  async #pause(ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#endPause = resolve;
    const timer = setTimeout(resolve, Math.min(ms, PAUSE_MAX_MS));
    await promise;
    clearTimeout(timer);
  }

  async #readBack(): Promise<void> {
    const history = this.#setup.history!;
    const owns = this.#owns;
    const isMine = (): boolean => this.#owns === owns && !this.#closed;
    for (const partition of owns) {
      while (isMine()) {
        const from = this.#next[partition]!;
        if (from >= history.end(partition)) break;
        const records = await history.read(partition, from, HISTORY_BATCHES);
        if (!isMine()) return;
        if (records.length === 0) {
          this.#next[partition] = history.end(partition);
          break;
        }
        await this.#handle(records as Received<T>[])?.catch((error) => this.#setup.onError(error));
      }
    }
  }

  #afterCatchUp(): void {
    const history = this.#setup.history!;
    const owned = [...this.#owns];
    if (owned.every((p) => this.#next[p]! >= this.#setup.ends[p]!)) this.#reached();
    const atEnd = owned.every((p) => this.#next[p]! >= history.end(p));
    // No turn of the event loop lies between this look and being live: nothing slips through.
    if (atEnd || this.#closed) this.#live = true;
    else this.#wait(this.#catchUp(), () => this.#afterCatchUp());
  }
}
