import { expect, test } from 'vitest';
import { seededRandom } from '#shared/demo/random.ts';
import { killRepeatedly } from './kill-runs.ts';

/** Three in every test run; the long run (`npm run test:chaos`) sets the number and a seed of its own. */
const KILLS = Number(process.env.HELIOS_KILLS ?? 3);
const SEED = Number(process.env.HELIOS_SEED ?? Math.floor(Math.random() * 1e9));

test(
  `after ${KILLS} kill -9 under load every answered auction is in ClickHouse exactly once (seed ${SEED})`,
  async () => {
    const report = await killRepeatedly(KILLS, seededRandom(SEED));
    console.log(
      `${report.kills} kills, ${report.answered} answered auctions, each stored exactly once`,
    );
    expect(report.kills).toBe(KILLS);
  },
  120_000 + KILLS * 30_000,
);
