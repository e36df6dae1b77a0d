/**
 * One reader of the embedded bus. A reader of a durable topic that starts in the past, or falls
 * too far behind, reads from the journal until it has reached the end and then takes records as
 * they are stored.
 */
import type { TopicName } from '../model/events.ts';
import type { BatchHandler, Position, Reader, ReadOptions, Received } from './bus.ts';
import type { StoredPosition } from './journal-protocol.ts';

/** Records kept for a busy reader, about 20 MB of outcomes; above, a durable topic is read back instead. */
const WAITING_MAX = 20_000;
/** Journal batches fetched at once while catching up: some thousand records under load. */
const HISTORY_BATCHES = 64;

export interface History {
  end(partition: number): number;
  read(partition: number, from: number, batchesMax: number): Promise<Received<TopicName>[]>;
}

export interface ReaderSetup<T extends TopicName> {
  topic: T;
  options: ReadOptions;
  handler: BatchHandler<T>;
  stored: StoredPosition[];
  starts: number[];
  ends: number[];
  history: History | undefined;
  commit(partition: number, offset: number, note: string): void;
  flush(): Promise<void>;
  onError(error: unknown): void;
  onDrop(records: number): void;
  onClose(): void;
}

/** What the bus asks of its readers, whatever their topic. */
export interface AnyReader extends Reader {
  readonly options: ReadOptions;
  readonly waiting: number;
  deliver(records: readonly Received<TopicName>[]): void;
  assign(partitions: readonly number[]): void;
  /** Lowest offset the reader may still want; Infinity for a reader without positions. */
  committed(partition: number): number;
}

export function createReader<T extends TopicName>(setup: ReaderSetup<T>): EmbeddedReader<T> {
  return new EmbeddedReader(setup);
}

class EmbeddedReader<T extends TopicName> implements Reader {
  readonly options: ReadOptions;
  readonly caughtUp: Promise<void>;
  partitions: readonly number[] = [];
  readonly #setup: ReaderSetup<T>;
  readonly #positions = new Map<number, Position>();
  readonly #committed = new Map<number, number>();
  /** Offset of the next record to hand over, by partition. */
  readonly #next: number[];
  #records: Received<T>[] = [];
  /** Takes records as they are stored; otherwise they are fetched from the journal. */
  #live: boolean;
  #owns: Set<number> = new Set();
  #busy: Promise<void> | undefined;
  #closed = false;
  #reached!: () => void;

  constructor(setup: ReaderSetup<T>) {
    this.#setup = setup;
    this.options = setup.options;
    this.#live = setup.history === undefined;
    this.#next = [...setup.starts];
    for (const { partition, offset, note } of setup.stored) {
      this.#positions.set(partition, { offset, note });
      this.#committed.set(partition, offset);
      this.#next[partition] = offset;
    }
    this.caughtUp = new Promise((resolve) => this.#reached = resolve);
    if (this.#live) this.#reached();
  }

  get waiting(): number {
    return this.#records.length;
  }

  assign(partitions: readonly number[]): void {
    this.partitions = partitions;
    const owns = new Set(partitions);
    for (const partition of owns) {
      // A partition that came from another member goes on where that one had committed.
      if (!this.#owns.has(partition)) {
        this.#next[partition] = this.#committed.get(partition) ?? this.#next[partition]!;
      }
    }
    this.#owns = owns;
    this.#records = this.#records.filter(({ partition }) => owns.has(partition));
    if (this.#setup.history) this.#fallBehind();
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

  commit(partition: number, offset: number, note = ''): void {
    this.#committed.set(partition, offset);
    this.#setup.commit(partition, offset, note);
  }

  flush(): Promise<void> {
    return this.#setup.flush();
  }

  position(partition: number): Position | undefined {
    return this.#positions.get(partition);
  }

  committed(partition: number): number {
    if (this.options.as === 'all' || !this.#owns.has(partition)) return Infinity;
    return this.#committed.get(partition) ?? this.#setup.starts[partition] ?? 0;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#busy;
    this.#setup.onClose();
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

  #wait(done: Promise<void>, then: () => void): void {
    this.#busy = done.catch((error) => this.#setup.onError(error)).then(() => {
      this.#busy = undefined;
      then();
    });
  }

  #fallBehind(): void {
    this.#live = false;
    this.#records = [];
    if (!this.#busy) this.#wait(this.#catchUp(), () => this.#afterCatchUp());
    // A busy reader goes on from the journal when its handler has finished.
    else void this.#busy.then(() => !this.#busy && !this.#live && this.#fallBehind());
  }

  async #catchUp(): Promise<void> {
    const history = this.#setup.history!;
    for (const partition of this.partitions) {
      while (this.#owns.has(partition) && !this.#closed) {
        const from = this.#next[partition]!;
        if (from >= history.end(partition)) break;
        const records = await history.read(partition, from, HISTORY_BATCHES);
        if (records.length === 0) {
          this.#next[partition] = history.end(partition);
          break;
        }
        if (this.#owns.has(partition)) await this.#handle(records as Received<T>[]);
      }
    }
  }

  #afterCatchUp(): void {
    const history = this.#setup.history!;
    if (this.partitions.every((p) => this.#next[p]! >= this.#setup.ends[p]!)) this.#reached();
    const atEnd = this.partitions.every((p) => this.#next[p]! >= history.end(p));
    // No turn of the event loop lies between this look and being live: nothing slips through.
    if (atEnd || this.#closed) this.#live = true;
    else this.#wait(this.#catchUp(), () => this.#afterCatchUp());
  }
}
