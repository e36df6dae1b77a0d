/**
 * A simulation of auctions that wait: at each hop everything at hand goes on as one batch, at most one
 * batch every so many ms, and a batch takes `batch` + `each`·n ms of one process, which needs one of few
 * cores. A pure function of its model: no clock, no I/O, the same result each time.
 */
import { seededRandom } from '#shared/demo/random.ts';
import { Events } from './event-queue.ts';
import { Machine } from './shared-cores.ts';

/** ms of processor time of n auctions: `batch` + n · `each`. */
export interface Cost {
  batch: number;
  each: number;
}

/** What a batch needs, one after the other; the next batch waits for the last of them. */
export interface HopStep extends Cost {
  /** Does one thing at a time, in the order it comes. */
  process: string;
}

export interface Hop {
  name: string;
  /** Least ms between the begins of two batches. */
  paceMs: number;
  steps: readonly HopStep[];
}

export interface QueueModel {
  hops: readonly Hop[];
  /** Of the machine that all processes share; Infinity: each process has its own. */
  cores: number;
  /** ms that each step waits for sockets and timers, without using a core. */
  delayMs: number;
  /** Pauses of the whole machine, which its host needs elsewhere: mean ms, and their share of the time. */
  stall?: { ms: number; share: number } | undefined;
  /** Work that no auction waits for but that needs cores: ms per auction, in pieces every `everyMs`. */
  beside?: { each: number; everyMs: number } | undefined;
  /** Processes that do several things at once; the others do one. */
  threads?: Readonly<Record<string, number>>;
}

export interface QueueLoad {
  ratePerS: number;
  seconds: number;
  /** `even` is what a load generator sends, `poisson` what many publishers do. */
  arrivals: 'even' | 'poisson';
  seed?: number;
}

export interface QueueResult {
  /** ms from arrival to the end of the last hop. */
  p50: number;
  p90: number;
  p99: number;
  max: number;
  /** Auctions per batch, by hop. */
  batches: number[];
  /** Share of the time of all cores in which one worked; NaN with as many as processes. */
  busy: number;
  /** Whether it is done soon after the last arrival; otherwise waiting grows without end. */
  keepsUp: boolean;
}

const SEED = 5;
/** Who keeps up is done soon after the last arrival: within this share of the time more, and these ms. */
const DRAINED = 1.05;
const DRAIN_MS = 100;

export function simulate(model: QueueModel, load: QueueLoad): QueueResult {
  return new Simulation(model, load).run();
}

class Simulation {
  readonly #model: QueueModel;
  readonly #load: QueueLoad;
  readonly #events = new Events();
  readonly #machine: Machine;
  readonly #random: () => number;
  readonly #born: number[] = [];
  readonly #took: number[] = [];
  readonly #hops: { waiting: number[]; busy: boolean; nextMs: number; batches: number }[];

  constructor(model: QueueModel, load: QueueLoad) {
    this.#model = model;
    this.#load = load;
    this.#machine = new Machine(this.#events, model.cores, model.threads ?? {});
    this.#random = seededRandom(load.seed ?? SEED);
    this.#hops = model.hops.map(() => ({ waiting: [], busy: false, nextMs: 0, batches: 0 }));
  }

  run(): QueueResult {
    const endMs = this.#load.seconds * 1_000;
    this.#arrive(0);
    this.#planStall();
    this.#planBeside();
    // What came in time may finish as long again; what does not has no end in sight.
    while (this.#events.step(2 * endMs) && this.#took.length < this.#total);
    const { cores } = this.#model;
    const took = this.#took.toSorted((a, b) => a - b);
    const at = (share: number) => took[Math.ceil(share * took.length) - 1] ?? NaN;
    return {
      p50: at(0.5),
      p90: at(0.9),
      p99: at(0.99),
      max: at(1),
      batches: this.#hops.map(({ batches }) => this.#took.length / Math.max(1, batches)),
      busy: cores === Infinity ? NaN : this.#machine.workedMs / this.#events.now / cores,
      keepsUp: this.#took.length === this.#total && this.#events.now < DRAINED * endMs + DRAIN_MS,
    };
  }

  get #total(): number {
    return Math.floor(this.#load.ratePerS * this.#load.seconds);
  }

  // --- what comes ---

  #arrive(number: number): void {
    if (number >= this.#total) return;
    const gapMs = 1_000 / this.#load.ratePerS;
    const waitMs = this.#load.arrivals === 'even' ? gapMs : gapMs * this.#exponential();
    this.#events.after(waitMs, () => {
      this.#born.push(this.#events.now);
      this.#offer(0, [number]);
      this.#arrive(number + 1);
    });
  }

  #planStall(): void {
    const { stall } = this.#model;
    if (!stall || !(stall.share > 0)) return;
    const gapMs = stall.ms * (1 - stall.share) / stall.share;
    this.#events.after(gapMs * this.#exponential(), () => {
      const ms = stall.ms * this.#exponential();
      this.#machine.pause(ms);
      this.#events.after(ms, () => this.#planStall());
    });
  }

  #planBeside(): void {
    const { beside } = this.#model;
    if (!beside || !(beside.each > 0)) return;
    this.#events.after(beside.everyMs, () => {
      const left = (beside.each * this.#load.ratePerS * beside.everyMs) / 1_000;
      this.#machine.submit({ process: 'beside', left, done() {} });
      this.#planBeside();
    });
  }

  /** Mean 1. */
  #exponential(): number {
    return -Math.log(1 - this.#random());
  }

  // --- hops ---

  #offer(index: number, auctions: number[]): void {
    const hop = this.#hops[index];
    if (!hop) {
      for (const auction of auctions) this.#took.push(this.#events.now - this.#born[auction]!);
      return;
    }
    for (const auction of auctions) hop.waiting.push(auction);
    this.#begin(index);
  }

  #begin(index: number): void {
    const hop = this.#hops[index]!;
    if (hop.busy || hop.waiting.length === 0) return;
    hop.busy = true;
    this.#events.after(Math.max(0, hop.nextMs - this.#events.now), () => {
      const batch = hop.waiting;
      hop.waiting = [];
      hop.batches++;
      hop.nextMs = this.#events.now + this.#model.hops[index]!.paceMs;
      this.#step(index, 0, batch);
    });
  }

  #step(index: number, number: number, batch: number[]): void {
    const step = this.#model.hops[index]!.steps[number];
    if (!step) {
      this.#hops[index]!.busy = false;
      this.#offer(index + 1, batch);
      return this.#begin(index);
    }
    this.#machine.submit({
      process: step.process,
      left: step.batch + step.each * batch.length,
      done: () =>
        this.#events.after(this.#model.delayMs, () => this.#step(index, number + 1, batch)),
    });
  }
}
