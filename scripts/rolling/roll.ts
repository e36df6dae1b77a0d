/** Replaces processes one by one under load, and counts what publishers did not get. */
import type { Cluster } from '../cluster/start-cluster.ts';
import { createHttpClient } from '../load/http-client.ts';
import { sendTimes } from '../load/schedule.ts';
import { Tally } from '../load/tally.ts';
import { runTraffic } from '../load/traffic-run.ts';
import { type BalancerOptions, startBalancer } from './balancer.ts';

export interface RollOptions {
  cluster: Cluster;
  /** Origins of the gateways. */
  gateways: readonly string[];
  by: BalancerOptions['by'];
  /** Names of the processes, in this order. */
  roll: readonly string[];
  ratePerS: number;
  seed: number;
}

export interface RollResult {
  sent: number;
  /** Answered with ads, and without. */
  filled: number;
  noBid: number;
  /** Why and how many: neither an answer nor a 204. */
  lost: Record<string, number>;
  /** Of these, how many the balancer sent to a door that was closed already. */
  unreached: number;
  seconds: number;
}

const CONNECTIONS_MAX = 64;
/** Longer than any answer takes: what comes later is lost. */
const ANSWER_MS = 10_000;
/** The load goes on for some time before the first leaves and after the last is back. */
const AROUND_MS = 2_000;
const RUN_MAX_S = 900;

/** Everything is ready when it begins. @throws when a process does not come back */
export async function rollUnderLoad(options: RollOptions): Promise<RollResult> {
  const { cluster, gateways, by, roll, ratePerS, seed } = options;
  const balancer = await startBalancer({ backends: gateways, by });
  const client = createHttpClient({
    url: balancer.url,
    connectionsMax: CONNECTIONS_MAX,
    timeoutMs: ANSWER_MS,
  });
  const enough = new AbortController();
  const tally = new Tally();
  const times = sendTimes({ ratePerS, durationS: RUN_MAX_S });
  const begunMs = performance.now();
  const load = runTraffic({ client, times, seed, signal: enough.signal, tally });
  try {
    await pause(AROUND_MS);
    for (const name of roll) {
      await cluster.restart(name);
      await cluster.ready();
    }
    await pause(AROUND_MS);
  } finally {
    enough.abort();
    await load;
    client.close();
    await balancer.stop();
  }
  const lost = Object.fromEntries(tally.errors);
  if (tally.shed > 0) lost['HTTP 503'] = tally.shed;
  const { sent, filled, noBid } = tally;
  const { unreached } = balancer;
  return { sent, filled, noBid, lost, unreached, seconds: (performance.now() - begunMs) / 1_000 };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
