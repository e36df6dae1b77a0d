/**
 * `npm run test:chaos [-- KILLS]`: kills an exchange under load, again and again, on both runtimes.
 * `npm test` does it three times. HELIOS_SEED repeats the moments of a run that failed.
 * With `--cluster`: faults of every kind on a distributed exchange, on a real Kafka and Redis.
 */
import process from 'node:process';
import { runChaos } from '../tests/cluster/chaos.ts';
import { chaosTable } from '../tests/cluster/chaos-table.ts';
import { runSections } from './checks/section.ts';
import { suite } from './checks/suite.ts';
import { parseFlags, text, toggle, whole } from './flags.ts';

const KILLS = 20;
const KILLS_MAX = 1_000;
const SEED_MAX = 2 ** 31 - 1;

const { values: flags, rest: [count = String(KILLS)] } = parseFlags({
  cluster: toggle('a distributed exchange on engines of its own, and every fault'),
  kills: whole('of each stage of the cluster', 1, KILLS_MAX, KILLS),
  seed: whole('of the moments and victims; another each time without it', 0, SEED_MAX),
  fast: toggle('ClickHouse is away for 20 s instead of 2 minutes'),
  only: text('the faults whose name has this text', ''),
}, {
  command: 'npm run test:chaos --',
  about: 'Does to an exchange under load what happens in a year, and checks that nothing was lost.',
  arguments: { name: 'KILLS', help: 'of a single exchange, on each runtime', most: 1 },
});

process.exitCode = flags.cluster ? await cluster() : await single(count);

async function single(kills: string): Promise<number> {
  const run = ['tests/kill.test.ts'];
  return await runSections([
    suite('node', run, { HELIOS_KILLS: kills }),
    suite('deno', run, { HELIOS_KILLS: kills }),
  ]);
}

async function cluster(): Promise<number> {
  const seed = flags.seed ?? Math.floor(Math.random() * SEED_MAX);
  console.log(`Faults on a cluster, seed ${seed}; each takes some minutes`);
  const rows = await runChaos({ ...flags, seed }, ({ fault, tries, answered, violations }) => {
    console.log(`${fault}: ${tries} times, ${answered} answers, ${violations.length} violations`);
    for (const line of violations) console.log(`  ${line}`);
  });
  console.log(`\n${chaosTable(rows, seed)}`);
  return rows.length > 0 && rows.every(({ violations }) => violations.length === 0) ? 0 : 1;
}
