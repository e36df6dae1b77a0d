/**
 * Kills an exchange under load again and again and then looks whether every answered auction is in
 * ClickHouse exactly once. The same for the short run of `npm test` and the long one.
 */
import { expect } from 'vitest';
import {
  type ExchangeProcess,
  removeDataDir,
  startExchange,
  temporaryDataDir,
} from './exchange-process.ts';

/** Requests under way at once: enough to keep batches, journal groups and inserts overlapping. */
const CONCURRENCY = 48;
/** The no-bid reason of an answer given without an outcome; nothing of it need be stored. */
const NBR_NO_OUTCOME = '1';
/** A kill comes at a random moment of this time under load. */
const LOAD_MS = { least: 400, most: 1_800 };

const REQUEST = JSON.stringify({
  id: 'load',
  imp: [
    { id: '1', banner: { format: [{ w: 300, h: 250 }] }, bidfloor: 0.2 },
    { id: '2', banner: { format: [{ w: 728, h: 90 }] }, bidfloor: 4 },
  ],
  site: { id: 's', domain: 'load.example', page: 'https://load.example/' },
  user: { id: 'user-007' },
  tmax: 2000,
});
const ROWS_PER_AUCTION = 2;

export interface KillReport {
  kills: number;
  answered: number;
}

/** @param random from 0 to 1; seeded, so that a failure can be repeated. */
export async function killRepeatedly(kills: number, random: () => number): Promise<KillReport> {
  const dataDir = await temporaryDataDir();
  const answered = new Map<string, number>();
  for (let n = 0; n < kills; n++) {
    const exchange = await startExchange({ dataDir });
    const killed = new AbortController();
    const load = sendUntil(exchange, answered, killed.signal);
    const ms = LOAD_MS.least + random() * (LOAD_MS.most - LOAD_MS.least);
    await new Promise((resolve) => setTimeout(resolve, ms));
    await exchange.stop('SIGKILL');
    killed.abort();
    await load;
  }
  await checkExactlyOnce(dataDir, answered);
  await removeDataDir(dataDir);
  return { kills, answered: answered.size };
}

async function sendUntil(
  exchange: ExchangeProcess,
  answered: Map<string, number>,
  killed: AbortSignal,
): Promise<void> {
  const one = async (): Promise<void> => {
    while (!killed.aborted) {
      try {
        const answer = await fetch(`${exchange.url}/openrtb2/auction`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: REQUEST,
        });
        // Only what has arrived whole counts as answered.
        await answer.arrayBuffer();
        const id = answer.headers.get('helios-auction-id');
        if (id && answer.headers.get('helios-no-bid') !== NBR_NO_OUTCOME) {
          answered.set(id, answer.status);
        }
      } catch {
        return;
      }
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, one));
}

async function checkExactlyOnce(
  dataDir: string,
  answered: ReadonlyMap<string, number>,
): Promise<void> {
  const exchange = await startExchange({ dataDir });
  const found = new Map<string, number>();
  const look = async (): Promise<number> => {
    const rows = await exchange.sql<{ auction_id: string; n: number }>(
      'SELECT auction_id, toUInt32(count()) AS n FROM helios.outcomes GROUP BY auction_id',
    );
    for (const { auction_id, n } of rows) found.set(auction_id, n);
    return [...answered.keys()].filter((id) => !found.has(id)).length;
  };
  await expect.poll(look, { timeout: 60_000, interval: 250 }).toBe(0);
  const wrong = [...found].filter(([, rows]) => rows !== ROWS_PER_AUCTION);
  expect(wrong, 'auctions with rows missing or twice').toEqual([]);
  expect(answered.size).toBeGreaterThan(0);
  expect(await exchange.stop(), exchange.output()).toBe(0);
}
