import { setTimeout as sleep } from 'node:timers/promises';

/** A topic that was just made, by whichever test, has no leader for a moment; a broker that was away, too. */
const TRIES = 20;
const WAIT_MS = 500;

/** Does it again while Kafka has no answer. */
export async function patiently<Result>(work: () => Promise<Result>): Promise<Result> {
  for (let tries = 1;; tries++) {
    try {
      return await work();
    } catch (error) {
      if (tries === TRIES) throw error;
      await sleep(WAIT_MS);
    }
  }
}
