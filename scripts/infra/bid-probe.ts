/** Sends bids while something is done to an exchange, and says how long nobody got an ad. */
import { setTimeout as sleep } from 'node:timers/promises';

export interface ProbeResult {
  sent: number;
  filled: number;
  /** Answered with anything: 200, 204, 503. */
  answered: number;
  /** Longest time between two ads. */
  gapMs: number;
}

const BETWEEN_MS = 50;
/** Of a test: it asks whether it works, not how fast. */
const TMAX_MS = 1_000;
const GIVE_UP_MS = 5_000;

/** A fault of this file, which no waiting mends. */
export class RefusedBid extends Error {
  override name = 'RefusedBid';
}

/** One bid; whether it got an ad. @throws when there is no answer. */
export async function sendBid(url: string): Promise<boolean> {
  const answer = await fetch(`${url}/openrtb2/auction`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      id: crypto.randomUUID(),
      tmax: TMAX_MS,
      imp: [{ id: '1', banner: { w: 300, h: 250 } }],
      site: { id: 'probe', domain: 'example.com' },
      user: { id: 'user-001' },
    }),
    signal: AbortSignal.timeout(GIVE_UP_MS),
  });
  const text = await answer.text();
  if (answer.status === 400) throw new RefusedBid(text);
  return answer.status === 200;
}

/** Sends until `work` resolves and, after that, until an ad comes or `patienceMs` have passed. */
export async function probeWhile(
  url: string,
  work: () => Promise<void>,
  patienceMs = 60_000,
): Promise<ProbeResult> {
  const result: ProbeResult = { sent: 0, filled: 0, answered: 0, gapMs: 0 };
  let done = false;
  let lastAdMs = performance.now();
  let giveUpMs = Infinity;
  const working = work().finally(() => {
    done = true;
    giveUpMs = performance.now() + patienceMs;
  });
  working.catch(() => {});
  for (let filledAfter = false; !(done && filledAfter) && performance.now() < giveUpMs;) {
    result.sent++;
    const filled = await sendBid(url).then((ad) => {
      result.answered++;
      return ad;
    }, (error) => {
      if (error instanceof RefusedBid) throw error;
      return false;
    });
    if (filled) {
      result.filled++;
      result.gapMs = Math.max(result.gapMs, performance.now() - lastAdMs);
      lastAdMs = performance.now();
      filledAfter = done;
    }
    await sleep(BETWEEN_MS);
  }
  await working;
  return result;
}

export function describeProbe({ sent, filled, answered, gapMs }: ProbeResult): string {
  return `${sent} bids, ${answered} answered, ${filled} with an ad; ` +
    `longest time without one ${(gapMs / 1_000).toFixed(1)} s`;
}
