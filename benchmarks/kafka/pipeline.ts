/** The distributed exchange as a model of `queueing.ts`, made of what was measured. */
import {
  type Cost,
  type Hop,
  type HopStep,
  type QueueLoad,
  type QueueModel,
  type QueueResult,
  simulate,
} from '../queueing.ts';
import { FETCH_PACE_MS, FIRST_PACE_MS, PACE_MS } from '#shared/bus/kafka-paces.ts';
import type { CostFit } from './fit.ts';
import { SHARE_LEAST, type Step } from './steps.ts';

/** Two things that no fit gives, found at one step; all other steps test them. */
export interface Tuning {
  /** ms of each step for sockets, timers and the way through the system. */
  delayMs: number;
  /** Mean ms of a pause; how often there is one follows from the share that was taken away. */
  stallMs: number;
}

/** How many hops an auction takes through a process, among which its costs are shared. */
const VISITS: Readonly<Record<string, number>> = {
  gateway: 2,
  bidding: 2,
  auction: 2,
  kafka: 6,
  profile: 1,
};
/** Threads of the broker that work on requests; more than the cores it shares. */
const BROKER_THREADS = 8;
/** ms between the batches of analytics. */
const BESIDE_EVERY_MS = 250;

/** What an auction needs at one visit of a process, and what a batch needs. */
export function visitCost(fits: readonly CostFit[], process: string): Cost {
  const fit = fits.find(({ name }) => name === process);
  return { batch: fit?.b ?? 0, each: (fit?.a ?? 0) / (VISITS[process] ?? 1) };
}

/** */
export function pipelineModel(
  fits: readonly CostFit[],
  tuning: Tuning,
  machine: { cores: number; stolen: number; besideMs: number },
): QueueModel {
  const step = (process: string): HopStep => ({ process, ...visitCost(fits, process) });
  const hop = (name: string, paceMs: number, ...processes: string[]): Hop => ({
    name,
    paceMs,
    steps: processes.map(step),
  });
  return {
    hops: [
      hop('requests written', FIRST_PACE_MS, 'gateway', 'kafka'),
      hop('requests read', FETCH_PACE_MS, 'kafka', 'bidding'),
      hop('profiles', 0, 'profile'),
      hop('bids written', PACE_MS, 'bidding', 'kafka'),
      hop('bids read', FETCH_PACE_MS, 'kafka', 'auction'),
      hop('outcomes written', PACE_MS, 'auction', 'kafka'),
      hop('outcomes read', FETCH_PACE_MS, 'kafka', 'gateway'),
    ],
    cores: machine.cores,
    delayMs: tuning.delayMs,
    stall: { ms: tuning.stallMs, share: machine.stolen },
    beside: { each: machine.besideMs, everyMs: BESIDE_EVERY_MS },
    threads: { kafka: BROKER_THREADS, beside: BROKER_THREADS },
  };
}

export interface Reproduced {
  step: Step;
  simulated: QueueResult;
  /** Whether the tuning was found here. */
  tuned: boolean;
}

/** Of the simulated load: enough for a 99th percentile that repeats. */
const SECONDS = 5;
const DELAYS_MS = [0, 0.1, 0.2, 0.3, 0.5, 0.7, 1, 1.5, 2, 3, 4, 6, 8, 12, 16, 24];
const STALLS_MS = [1, 2, 4, 8, 12, 20, 30, 45, 70, 100];
/** The step that the two are found at; the first one when it was not measured. */
const TUNED_AT = 500;

/** Finds the tuning at one step, then simulates all of them. */
export function reproduce(
  steps: readonly Step[],
  fits: readonly CostFit[],
  cores: number,
): { tuning: Tuning; steps: Reproduced[] } | undefined {
  const sustained = steps.filter(({ share }) => share >= SHARE_LEAST);
  const base = sustained.find(({ ratePerS }) => ratePerS === TUNED_AT) ?? sustained[0];
  if (!base || fits.length === 0) return undefined;
  const of = (step: Step, tuning: Tuning): QueueResult =>
    simulate(pipelineModel(fits, tuning, machineOf(step, cores)), loadOf(step));
  const delayMs = best(
    DELAYS_MS,
    (ms) => Math.abs(of(base, { delayMs: ms, stallMs: 1 }).p50 - base.p50),
  );
  const stallMs = best(
    STALLS_MS,
    (ms) => Math.abs(of(base, { delayMs, stallMs: ms }).p99 - base.p99),
  );
  const tuning = { delayMs, stallMs };
  return {
    tuning,
    steps: steps.map((step) => ({ step, simulated: of(step, tuning), tuned: step === base })),
  };
}

/** What the machine did besides: whatever is not in the pipeline, the generator included. */
function machineOf(step: Step, cores: number) {
  const inside = step.uses.filter(({ name }) => name in VISITS);
  const pipelineMs = inside.reduce((sum, { cpuMs }) => sum + cpuMs, 0);
  return {
    cores,
    stolen: step.machine.stolen || 0,
    besideMs: step.cpuMs - pipelineMs + step.generatorCpuMs,
  };
}

function loadOf({ ratePerS }: Step): QueueLoad {
  return { ratePerS, seconds: SECONDS, arrivals: 'even' };
}

function best(values: readonly number[], miss: (value: number) => number): number {
  return values.reduce((kept, value) => miss(value) < miss(kept) ? value : kept);
}
