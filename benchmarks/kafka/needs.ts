/** What many auctions a second need, from what one costs: plain arithmetic, each assumption a number. */
import type { Figures } from './figures.ts';
import { type CostFit, fitCosts } from './fit.ts';
import { SHARE_LEAST, type Step } from './steps.ts';

/** All that is not measured. The same text goes into docs/scale.md. */
export const ASSUMED = {
  /** Of the one thread of a stage, of a Redis shard. */
  threadUsed: 0.6,
  /** Of a broker's and a ClickHouse node's cores. */
  nodeUsed: 0.5,
  brokerCores: 8,
  clickhouseCores: 16,
  clickhouseReplicas: 2,
  /** Copies of each record on Kafka, and what they cost beside the first, in CPU of a broker. */
  replication: 3,
  replicationCpu: 2,
  /** Bytes per second of a broker's network, and how much of it is used. */
  brokerNetwork: 1.25e9,
  networkUsed: 0.4,
  /** Brokers that lead the partitions of one instance: a request goes to each of them. */
  brokersTouched: 3,
  /** Partitions for each instance of the largest stage. */
  partitionsEach: 3,
  /** Share of its measured rate that an analytics stage is given: what has piled up must get in too. */
  ingestUsed: 0.5,
  /** One instance of each stage more than needed. */
  spare: 1,
};

/** Requests per second to one broker at most: a produce every 2 ms, a fetch every 3, details every 20. */
const REQUESTS_MOST: Readonly<Record<string, number>> = {
  gateway: 833,
  bidding: 833,
  auction: 883,
  // Outcomes and details are written, none of them is read.
  node: 550,
};

export interface Needs {
  ratePerS: number;
  /** By stage, spares included. */
  instances: Record<string, number>;
  partitions: number;
  brokers: number;
  /** What asks for so many of them. */
  brokersFor: 'three copies' | 'CPU' | 'network';
  redisShards: number;
  clickhouseNodes: number;
  /** Gbit/s in and out of all brokers. */
  networkGbit: number;
  /** TB on all brokers, all copies. */
  diskTb: number;
  /** Of all stages, brokers and databases that are busy. */
  cores: number;
}

export type ShapeName = 'distributed' | 'fused';

interface Costs {
  fits: readonly CostFit[];
  top: Step;
  stages: readonly string[];
}

/** Undefined where the shape was not measured. */
export function needsOf(figures: Figures, shape: ShapeName, ratePerS: number): Needs | undefined {
  const costs = costsOf(figures, shape);
  const { sizes } = figures;
  if (!costs || !sizes) return undefined;
  const { fits, top, stages } = costs;
  const used = (name: string) => top.uses.find((use) => use.name === name)?.cpuMs ?? 0;
  const instances: Record<string, number> = {};
  let requestsPerS = 0;
  let cores = 0;
  for (const stage of stages) {
    const requests = REQUESTS_MOST[stage]! * ASSUMED.brokersTouched;
    const each = instanceRate(fits, stage, used(stage));
    instances[stage] = Math.ceil(ratePerS / each) + ASSUMED.spare;
    requestsPerS += Math.ceil(ratePerS / each) * requests;
    cores += (ratePerS / each) * ASSUMED.threadUsed;
  }
  // No batches of its own: the profile service answers those of bidding.
  const profileMs = used('profile');
  instances['profile'] = atLeastOne((ratePerS * profileMs) / 1_000 / ASSUMED.threadUsed);
  const ingest = (figures.ingest?.perSecond ?? 1_000 / Math.max(used('analytics'), 0.001)) *
    ASSUMED.ingestUsed;
  instances['analytics'] = atLeastOne(ratePerS / ingest);
  const kafka = fits.find(({ name }) => name === 'kafka');
  const kafkaMs = ((kafka?.a ?? used('kafka')) + (kafka?.b ?? 0) * requestsPerS / ratePerS) *
    ASSUMED.replicationCpu;
  const clickhouseMs = used('clickhouse');
  const redisMs = used('redis');
  const written = Object.values(writtenOf(shape, sizes)).reduce((sum, bytes) => sum + bytes, 0);
  const read = top.uses.reduce((sum, { bytesIn }) => sum + bytesIn, 0);
  const copies = (ASSUMED.replication - 1) * written;
  const out = read + copies;
  const byCpu = (ratePerS * kafkaMs) / 1_000 / (ASSUMED.brokerCores * ASSUMED.nodeUsed);
  const byNetwork = (ratePerS * out) / (ASSUMED.brokerNetwork * ASSUMED.networkUsed);
  const brokers = Math.ceil(Math.max(ASSUMED.replication, byCpu, byNetwork));
  const largest = Math.max(...stages.map((stage) => instances[stage]!));
  cores += (ratePerS * (kafkaMs + clickhouseMs * ASSUMED.clickhouseReplicas + redisMs + profileMs +
    used('analytics'))) / 1_000;
  return {
    ratePerS,
    instances,
    partitions: Math.max(12, largest * ASSUMED.partitionsEach),
    brokers,
    brokersFor: brokers === ASSUMED.replication
      ? 'three copies'
      : byCpu > byNetwork
      ? 'CPU'
      : 'network',
    redisShards: Math.max(1, Math.ceil((ratePerS * redisMs) / 1_000 / ASSUMED.threadUsed)),
    clickhouseNodes: ASSUMED.clickhouseReplicas *
      Math.ceil((ratePerS * clickhouseMs) / 1_000 / (ASSUMED.clickhouseCores * ASSUMED.nodeUsed)),
    networkGbit: (ratePerS * (written + copies + out) * 8) / 1e9,
    diskTb: (ratePerS * ASSUMED.replication * keptBytes(writtenOf(shape, sizes))) / 1e12,
    cores,
  };
}

/** Auctions per second of one instance whose thread is used as much as assumed. */
export function instanceRate(fits: readonly CostFit[], stage: string, topMs: number): number {
  const budget = ASSUMED.threadUsed * 1_000;
  const { a, b } = fits.find(({ name }) => name === stage) ?? { a: topMs, b: 0 };
  const rest = budget - b * REQUESTS_MOST[stage]! * ASSUMED.brokersTouched;
  // The line may say that batches are everything; then what was measured is all there is.
  return a > 0 && rest > 0 ? Math.max(rest / a, budget / Math.max(topMs, 1e-6)) : budget / topMs;
}

function costsOf({ distributed, fits, fused }: Figures, shape: ShapeName): Costs | undefined {
  if (shape === 'distributed') {
    const top = distributed.findLast(({ share }) => share >= SHARE_LEAST);
    return top && { fits, top, stages: ['gateway', 'bidding', 'auction'] };
  }
  const top = fused?.pairs.at(-1)?.fused;
  if (!fused || !top) return undefined;
  const all = [fused.half, ...fused.pairs.map((pair) => pair.fused)];
  return { fits: fitCosts(all, 0), top, stages: ['node'] };
}

type Sizes = NonNullable<Figures['sizes']>;

function writtenOf(shape: ShapeName, sizes: Sizes): Sizes {
  return shape === 'fused' ? { ...sizes, requests: 0, responses: 0 } : sizes;
}

const MINUTE_S = 60;
const DAY_S = 86_400;

/** Bytes that stay on one copy per auction a second: retention of shared/bus/kafka-topics.ts. */
function keptBytes({ requests, responses, outcomes, details }: Sizes): number {
  return (requests + responses) * 10 * MINUTE_S + outcomes * 3 * DAY_S + details * DAY_S;
}

function atLeastOne(needed: number): number {
  return Math.max(1, Math.ceil(needed)) + ASSUMED.spare;
}
