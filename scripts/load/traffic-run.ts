/** Sends sample requests at planned times, whether or not the answers keep up (an open loop). */
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { sampleRequests } from '#shared/demo/traffic.ts';
import type { HttpClient } from './http-client.ts';
import type { Tally } from './tally.ts';

/** Requests in flight; above it the exchange has stalled and the rest is counted as not sent. */
const IN_FLIGHT_MAX = 10_000;
/** Sends without a pause before the answers are let in: they would look late otherwise. */
const BURST_MAX = 32;
/** A timer fires up to this late; that is the sender's doing and not counted as latency. */
const TIMER_ERROR_MS = 1.5;

export interface TrafficRun {
  client: HttpClient;
  /** ms from the start at which to send; see schedule.ts. */
  times: Iterable<number>;
  seed: number;
  /** Ends the sending; what is under way is still waited for. */
  signal: AbortSignal;
  tally: Tally;
}

/**
 * Resolves when everything sent is answered or has failed. Latency counts from the planned time:
 * a stall of exchange or sender shows in all requests it delayed, not in one.
 */
export async function runTraffic(
  { client, times, seed, signal, tally }: TrafficRun,
): Promise<void> {
  const requestAt = sampleRequests(seed);
  const startMs = performance.now();
  const inFlight = new Set<Promise<void>>();
  let sequence = 0;
  let burst = 0;
  for (const atMs of times) {
    const dueMs = startMs + atMs;
    const waitMs = dueMs - performance.now();
    if (waitMs > 0 || ++burst >= BURST_MAX || inFlight.size >= IN_FLIGHT_MAX) {
      await pause(waitMs, signal);
      burst = 0;
    }
    if (signal.aborted) break;
    if (inFlight.size >= IN_FLIGHT_MAX) {
      tally.fail(`not sent: ${IN_FLIGHT_MAX} in flight`);
      continue;
    }
    const body = JSON.stringify(requestAt(sequence++));
    const nowMs = performance.now();
    const fromMs = nowMs - dueMs > TIMER_ERROR_MS ? dueMs : nowMs;
    const sent = client.send('POST', '/openrtb2/auction', body).then((answer) => {
      tally.record(answer, performance.now() - fromMs);
      inFlight.delete(sent);
    });
    inFlight.add(sent);
  }
  await Promise.all(inFlight);
}

/** Lets other work happen, for some time at least; ends early when the signal comes. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (ms <= 0) return await nextTurn();
  await sleep(Math.ceil(ms), undefined, { signal }).catch(() => undefined);
}
