/** A simulated machine: processes that each do one thing at a time share its cores, and all stop with it. */
import type { Events } from './event-queue.ts';

export interface Job {
  process: string;
  /** ms of a core. */
  left: number;
  done(): void;
}

/** ms a process runs before another that waits gets the core; Linux has about this. */
const QUANTUM_MS = 3;

export class Machine {
  /** ms of all cores. */
  workedMs = 0;
  readonly #events: Events;
  readonly #threads: Readonly<Record<string, number>>;
  readonly #active = new Map<string, number>();
  readonly #backlog = new Map<string, Job[]>();
  readonly #ready: Job[] = [];
  #freeCores: number;
  #pausedUntil = 0;
  #pausedMs = 0;

  /** @param threads of processes that do several things at once */
  constructor(events: Events, cores: number, threads: Readonly<Record<string, number>>) {
    this.#events = events;
    this.#threads = threads;
    this.#freeCores = cores;
  }

  /** Nothing runs for so long, from now on. Not while it is paused. */
  pause(ms: number): void {
    this.#pausedMs += ms;
    this.#pausedUntil = this.#events.now + ms;
  }

  /** Does it after what the process was given before, as soon as a core is free. */
  submit(job: Job): void {
    const { process } = job;
    const active = this.#active.get(process) ?? 0;
    if (active >= (this.#threads[process] ?? 1)) {
      const backlog = this.#backlog.get(process) ?? [];
      this.#backlog.set(process, backlog);
      backlog.push(job);
      return;
    }
    this.#active.set(process, active + 1);
    this.#want(job);
  }

  #want(job: Job): void {
    if (this.#freeCores === 0) {
      this.#ready.push(job);
      return;
    }
    this.#freeCores--;
    this.#slice(job);
  }

  #slice(job: Job): void {
    const ms = Math.min(job.left, QUANTUM_MS);
    const wait = Math.max(0, this.#pausedUntil - this.#events.now);
    this.#runFor(wait + ms, () => {
      job.left -= ms;
      this.workedMs += ms;
      this.#freeCores++;
      if (job.left > 1e-9) this.#ready.push(job);
      else this.#finish(job);
      while (this.#freeCores > 0 && this.#ready.length > 0) {
        this.#freeCores--;
        this.#slice(this.#ready.shift()!);
      }
    });
  }

  /** Longer by the pauses that come meanwhile. */
  #runFor(ms: number, work: () => void): void {
    const before = this.#pausedMs;
    this.#events.after(ms, () => {
      const missed = this.#pausedMs - before;
      if (missed > 0) this.#runFor(missed, work);
      else work();
    });
  }

  #finish(job: Job): void {
    const next = this.#backlog.get(job.process)?.shift();
    if (next) this.#ready.push(next);
    else this.#active.set(job.process, this.#active.get(job.process)! - 1);
    job.done();
  }
}
