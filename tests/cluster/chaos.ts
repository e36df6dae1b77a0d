/**
 * `npm run test:chaos -- --cluster`: faults on a distributed exchange under load, one after the other;
 * after each the checker over everything since the start.
 */
import { seededRandom } from '#shared/demo/random.ts';
import { startKafka } from '../../scripts/engines/kafka.ts';
import { startRedis } from '../../scripts/engines/redis.ts';
import { checkInvariants } from './check-invariants.ts';
import { TestCluster } from './cluster.ts';
import { type Fault, FAULTS, type Ground } from './faults.ts';
import type { Report } from './judge.ts';
import { Load } from './load.ts';

export interface ChaosOptions {
  seed: number;
  /** Of each stage. */
  kills: number;
  fast: boolean;
  /** Only the faults whose name has this text. */
  only: string;
}

export interface ChaosRow {
  fault: string;
  tries: number;
  auctions: number;
  answered: number;
  violations: string[];
}

const PER_SECOND = 30;
/** Requests before the first fault, and after each: the partitions are all in use again then. */
const CALM_POSTS = 60;
/** ms; a busy machine may take as long to be told of a member's death as to replace it. */
const GRACE_MS = 60_000;
const CALM_MS = 120_000;

/** Resolves to a row for each fault; `told` gets each as soon as it is there. */
export async function runChaos(
  options: ChaosOptions,
  told: (row: ChaosRow) => void,
): Promise<ChaosRow[]> {
  const rows: ChaosRow[] = [];
  for (const brokers of [1, 3] as const) {
    const faults = FAULTS.filter((fault) =>
      fault.brokers === brokers && fault.name.includes(options.only)
    );
    if (faults.length === 0) continue;
    await withGround(brokers, options, async (ground) => {
      await ground.load.run(CALM_POSTS, PER_SECOND);
      const known = new Set<string>();
      for (const fault of faults) {
        const row = await inflict(fault, ground);
        // Everything is checked each time: what an earlier fault did is not this one's doing.
        row.violations = row.violations.filter((line) => !known.has(line));
        for (const line of row.violations) known.add(line);
        rows.push(row);
        told(row);
      }
    });
  }
  return rows;
}

async function withGround(
  brokers: 1 | 3,
  { seed, kills, fast }: ChaosOptions,
  work: (ground: Ground) => Promise<void>,
): Promise<void> {
  const undo: (() => Promise<void>)[] = [];
  try {
    const kafka = await startKafka({ brokers });
    undo.push(() => kafka.stop());
    const redis = await startRedis();
    undo.push(() => redis.stop());
    const cluster = await TestCluster.start({
      brokers: kafka.addresses,
      redisUrl: redis.url,
      replication: brokers,
    });
    undo.push(() => cluster.stop());
    const random = seededRandom(seed);
    const load = new Load({ doors: cluster.doors, random, run: `seed-${seed}` });
    undo.push(() => load.stop());
    // Moments and victims do not depend on how many requests came before.
    await work({ cluster, load, kafka, redis, kills, fast, random: seededRandom(seed + 1) });
  } finally {
    for (const step of undo.reverse()) await step();
  }
}

async function inflict(fault: Fault, ground: Ground): Promise<ChaosRow> {
  const { cluster, load } = ground;
  const before = load.answers.length;
  load.fault = fault.name;
  load.start(PER_SECOND);
  const tries = await fault.run(ground);
  await cluster.ready();
  await load.stop();
  load.fault = undefined;
  load.keys = true;
  await load.run(CALM_POSTS, PER_SECOND);
  const { violations } = await check(ground);
  const answers = load.answers.slice(before);
  const ids = answers.flatMap(({ auctionId }) => auctionId ?? []);
  return {
    fault: fault.name,
    tries,
    auctions: new Set(ids).size,
    answered: answers.filter(({ status }) => status !== 0 && status !== 503).length,
    violations,
  };
}

function check({ cluster, load }: Ground): Promise<Report> {
  return checkInvariants({
    ...cluster,
    answers: load.answers,
    processes: cluster.processes,
    graceMs: GRACE_MS,
    calmMs: CALM_MS,
  });
}
