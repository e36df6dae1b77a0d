/** One rate after the other, exchange and control in turn, until auctions come late. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { LoadGenerator } from '../load-generator.ts';
import { answered, failed } from '../measure.ts';
import {
  type Machine,
  machineBetween,
  type Metered,
  type Reading,
  readMeters,
  type Use,
  useBetween,
} from './meters.ts';
import { addedUp, dropsBetween, readDrops } from './drops.ts';

/** What is put under load. */
export interface Target {
  name: string;
  port: number;
  /** With the engines. */
  metered: readonly Metered[];
  /** Addresses of `/metrics`; none of the control. */
  metrics: readonly string[];
}

export interface Step {
  target: string;
  ratePerS: number;
  seconds: number;
  sent: number;
  /** Answered by an outcome before the deadline. */
  inTime: number;
  share: number;
  /** Auctions per second with an outcome in time. */
  perSecond: number;
  /** ms, from the planned time of sending. */
  p50: number;
  p90: number;
  p99: number;
  max: number;
  /** Of all processes and engines, per auction in time. */
  cpuMs: number;
  /** Without what only works on outcomes, such as analytics. */
  pathCpuMs: number;
  uses: Use[];
  generatorCpuMs: number;
  /** Counters that say something was lost or late, where they moved. */
  drops: Record<string, number>;
  machine: Machine;
}

/** Below this share the rate is not sustained. */
export const SHARE_LEAST = 0.99;
/** Sent within the longest deadline of the requests, which is 300 ms: so many may wait at the door. */
const WAITING_S = 0.35;
const CONNECTIONS_LEAST = 32;
/** ms after a load: analytics writes every second, and its work belongs to these auctions. */
const SETTLE_MS = 1_500;

export interface StepOrder {
  generator: LoadGenerator;
  targets: readonly Target[];
  rates: readonly number[];
  seconds: number;
  say(line: string): void;
}

/**
 * A target that did not keep up is left out of the higher rates. It has two tries, of which the better
 * one counts: the machine may have been away.
 */
export async function measureSteps(order: StepOrder): Promise<Step[]> {
  const steps: Step[] = [];
  const tired = new Set<string>();
  for (const [index, ratePerS] of order.rates.entries()) {
    const turn = index % 2 === 0 ? order.targets : order.targets.toReversed();
    for (const target of turn) {
      if (tired.has(target.name)) continue;
      const measure = () => measureStep(order.generator, target, ratePerS, order.seconds);
      let step = await measure();
      if (step.share < SHARE_LEAST) {
        order.say(`again: ${describe(step)}`);
        const second = await measure();
        if (second.share > step.share) step = second;
      }
      steps.push(step);
      if (step.share < SHARE_LEAST) tired.add(target.name);
      order.say(describe(step));
    }
  }
  return steps;
}

/** @param ratePerS undefined: as many as are answered */
export async function measureStep(
  generator: LoadGenerator,
  target: Target,
  ratePerS: number | undefined,
  seconds: number,
  connections = connectionsFor(ratePerS ?? 0),
): Promise<Step> {
  const drops = await readDrops(target.metrics);
  const before = readMeters(target.metered);
  const order = { port: target.port, connections, seconds };
  const report = await generator.run(ratePerS === undefined ? order : { ...order, ratePerS });
  const machine = machineBetween(before, readMeters([]));
  await sleep(SETTLE_MS);
  const after: Reading = readMeters(target.metered);
  const dropped = dropsBetween(drops, await readDrops(target.metrics));
  const late = addedUp(dropped, /^helios_requests_total\{.*result="deadline"/);
  const inTime = Math.max(0, answered(report) - late);
  const sent = answered(report) + failed(report);
  const uses = useBetween(target.metered, before, after, inTime);
  const cpuOf = (some: readonly Use[]) => some.reduce((sum, { cpuMs }) => sum + cpuMs, 0);
  return {
    target: target.name,
    ratePerS: ratePerS ?? report.perSecond,
    seconds,
    sent,
    inTime,
    share: inTime / sent,
    perSecond: inTime * report.perSecond / Math.max(1, answered(report) + refusedIn(report)),
    p50: report.p50,
    p90: report.p90,
    p99: report.p99,
    max: report.max,
    cpuMs: cpuOf(uses),
    pathCpuMs: cpuOf(uses.filter(({ part }) => part !== 'beside')),
    uses,
    generatorCpuMs: report.cpuUsPerRequest / 1_000,
    drops: { ...dropped, ...withoutAnswer(report) },
    machine,
  };
}

/** What processes use while nothing is asked of them: with two targets, each is beside the other. */
export async function measureIdle(
  metered: readonly Metered[],
  seconds: number,
): Promise<{ name: string; msPerS: number }[]> {
  const before = readMeters(metered);
  await sleep(seconds * 1_000);
  const uses = useBetween(metered, before, readMeters(metered), seconds);
  return uses.map(({ name, cpuMs }) => ({ name, msPerS: cpuMs }));
}

/** Few enough that each is used every second: a server ends one that says nothing for long. */
export function connectionsFor(ratePerS: number): number {
  return Math.max(CONNECTIONS_LEAST, Math.ceil(WAITING_S * ratePerS));
}

/** With another status than 200 and 204; `perSecond` counts them. */
function refusedIn({ answers }: { answers: Record<string, number> }): number {
  return Object.entries(answers)
    .filter(([status]) => status !== '200' && status !== '204')
    .reduce((sum, [, times]) => sum + times, 0);
}

function withoutAnswer(
  { answers, failures }: {
    answers: Record<string, number>;
    failures: Record<string, number>;
  },
): Record<string, number> {
  const refused = Object.entries(answers).filter(([status]) => status !== '200' && status !== '204')
    .map(([status, times]) => [`HTTP ${status}`, times]);
  return { ...failures, ...Object.fromEntries(refused) };
}

function describe(step: Step): string {
  const { target, ratePerS, perSecond, share, p50, p99, cpuMs, machine } = step;
  return `${target} at ${ratePerS}/s: ${perSecond.toFixed(0)}/s in time (${
    (100 * share).toFixed(1)
  } %), p50 ${p50.toFixed(1)} p99 ${p99.toFixed(1)} ms, CPU ${cpuMs.toFixed(2)} ms, ` +
    `machine ${(100 * machine.busy).toFixed(0)} % busy, ${
      (100 * machine.stolen).toFixed(0)
    } % stolen`;
}
