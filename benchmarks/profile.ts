/**
 * Profile look-ups over gRPC against what the same gRPC stack costs when it looks nothing up.
 * Claims, with 100,000 profiles: a single look-up takes p50 < 1 ms and p99 < 5 ms, batches of 512
 * give at least 80,000 profiles a second. Rates are the median of five rounds, in which control and
 * profile calls take turns; `best` is the best round. With the service in this process (one thread for both
 * sides) and in a process of its own. With REDIS_URL the profiles are there, otherwise in SQLite; the
 * rows `store` ask it without a service.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import type { ProfileServiceClient } from '#proto/profile.ts';
import { createMetrics } from '#shared/metrics.ts';
import { DEMO_SEED, demoProfileBatches, demoUserId } from '#shared/demo/profiles.ts';
import { seededRandom } from '#shared/demo/random.ts';
import { systemClock } from '#shared/service.ts';
import { createChannel, createClient } from 'nice-grpc';
import { parseFlags, whole } from '../scripts/flags.ts';
import { Latencies } from '../scripts/load/latencies.ts';
import { PROJECT_DIR, runtimeCommand } from '../scripts/load/runtime-command.ts';
import { runtimeName, runtimeVersion } from '#shared/runtime/runtime.ts';
import { createRemoteProfileClient } from '../services/bidding/profile-channel.ts';
import { createProfileLookup } from '../services/bidding/profile-lookup.ts';
import type { LocalClient } from '../services/profile/local-client.ts';
import { ControlDefinition, openStore, startProfileServer } from './profile-server.ts';

/** As many as one call of the bidder's look-up asks for. */
const BATCH = 512;
/** Rounds of each row; odd, for the median. */
const ROUNDS = 5;
/** ms; an ordinary auction. */
const DEADLINE_MS = 100;

const { values: flags } = parseFlags({
  profiles: whole('in the store', 1_000, 1_000_000, 100_000),
  seconds: whole('of each row', 1, 60, 5),
}, { command: 'node benchmarks/profile.ts', about: 'Measures profile look-ups over gRPC.' });

const random = seededRandom(1);
const someUser = () => demoUserId(1 + Math.floor(random() * flags.profiles));
const someUsers = () => Array.from({ length: BATCH }, someUser);

const folder = mkdtempSync(join(tmpdir(), 'helios-bench-'));
try {
  await run(process.env['REDIS_URL'] ?? join(folder, 'store.db'));
} finally {
  rmSync(folder, { recursive: true });
}

async function run(where: string): Promise<void> {
  const kind = where.startsWith('redis') ? 'redis' : 'sqlite';
  console.log(`${runtimeName} ${runtimeVersion}, ${cpus().length} × ${cpus()[0]?.model}, ${kind}`);
  const server = await startProfileServer(where);
  await fill(server.client);
  console.log(
    line(['service', 'call', 'calls/s', 'of control', 'profiles/s', 'best', 'p50 ms', 'p99 ms']),
  );
  await measureStore(kind, where);
  await measureInProcess(server.client);
  await measureRemote(`${kind}, same process`, server.ports);
  await server.close();

  const [program, ...args] = runtimeCommand(runtimeName, 'benchmarks/profile-server.ts');
  const child = spawn(program, [...args, where], {
    cwd: PROJECT_DIR,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = once(child, 'close');
  const [ports] = await once(child.stdout.setEncoding('utf8'), 'data');
  await measureRemote(`${kind}, own process`, JSON.parse(String(ports)));
  child.stdin.end();
  await ended;
}

async function fill(client: Pick<ProfileServiceClient, 'putProfiles'>): Promise<void> {
  const began = performance.now();
  for (const profiles of demoProfileBatches(flags.profiles, DEMO_SEED, Date.now(), BATCH)) {
    await client.putProfiles({ profiles });
  }
  const seconds = (performance.now() - began) / 1_000;
  console.log(`stored ${grouped(flags.profiles)} profiles in ${seconds.toFixed(1)} s\n`);
}

/** One line of the table; a control is the row the next one is compared with. */
interface Row {
  call: string;
  atOnce: number;
  profiles: number;
  run: () => Promise<unknown>;
}

async function measureStore(kind: string, where: string): Promise<void> {
  const store = await openStore(where);
  const row = (call: string, atOnce: number, profiles: number, run: () => Promise<unknown>) =>
    measure(`${kind}, store`, [{ call, atOnce, profiles, run }]);
  await row('getProfiles of 1', 1, 1, () => store.getProfiles([someUser()]));
  await row(`getProfiles of ${BATCH}`, 1, BATCH, () => store.getProfiles(someUsers()));
  await row(`getProfiles of ${BATCH}`, 4, BATCH, () => store.getProfiles(someUsers()));
  await store.close();
}

async function measureInProcess(client: LocalClient): Promise<void> {
  const lookup = createProfileLookup({ client, clock: systemClock, metrics: createMetrics() });
  const ask = async (userIds: string[]): Promise<void> => {
    const { kind } = await lookup(userIds, systemClock.now() + DEADLINE_MS);
    // On a machine that stands still a look-up may be late, as in an auction.
    if (kind !== 'found') late++;
  };
  let late = 0;
  const known = Array.from({ length: 100 }, someUser);
  let turn = 0;
  const row = (call: string, profiles: number, run: () => Promise<unknown>) =>
    measure('in process', [{ call, atOnce: 1, profiles, run }]);
  await row('look-up of 1, seen lately', 1, () => ask([known[turn++ % known.length]!]));
  await row('look-up of 1, any user', 1, () => ask([someUser()]));
  await row(`look-up of ${BATCH}`, BATCH, () => ask(someUsers()));
  if (late > 0) console.log(`${late} look-ups were late`);
}

async function measureRemote(
  where: string,
  ports: { profile: number; control: number },
): Promise<void> {
  const channel = createChannel(`127.0.0.1:${ports.control}`);
  const control = createClient(ControlDefinition, channel);
  const profile = createRemoteProfileClient(`127.0.0.1:${ports.profile}`);
  for (const atOnce of [1, 8]) {
    await measure(where, [
      { call: 'control: empty', atOnce, profiles: 0, run: () => control.empty({}) },
      {
        call: 'GetProfile',
        atOnce,
        profiles: 1,
        run: () => profile.getProfile({ userId: someUser() }),
      },
      {
        call: 'LookUpProfiles 1',
        atOnce,
        profiles: 1,
        run: () => profile.batchGetProfiles({ userIds: [someUser()] }),
      },
    ]);
  }
  for (const atOnce of [1, 4]) {
    await measure(where, [
      {
        call: `control: ${BATCH} ids`,
        atOnce,
        profiles: 0,
        run: () => control.echo({ userIds: someUsers() }),
      },
      {
        call: `LookUpProfiles ${BATCH}`,
        atOnce,
        profiles: BATCH,
        run: () => profile.batchGetProfiles({ userIds: someUsers() }),
      },
    ]);
  }
  channel.close();
  profile.close();
}

/** Measures the rows in turn, several times, the order alternating, and prints them. */
async function measure(where: string, rows: Row[]): Promise<void> {
  const sliceMs = flags.seconds * 1_000 / ROUNDS;
  const measured = rows.map((row) => ({ row, rates: [] as number[], latencies: new Latencies() }));
  for (let round = -1; round < ROUNDS; round++) {
    for (const { row, rates, latencies } of round % 2 ? measured.toReversed() : measured) {
      // The first round only warms up.
      const into = round < 0 ? new Latencies() : latencies;
      const rate = await runFor(sliceMs, row, into);
      if (round >= 0) rates.push(rate);
    }
  }
  for (const { row, rates, latencies } of measured) {
    const ratios = rates.map((rate, round) => rate / measured[0]!.rates[round]!);
    const [rate, best] = [median(rates), Math.max(...rates)];
    console.log(line([
      where,
      row.call + (row.atOnce > 1 ? `, ${row.atOnce} at once` : ''),
      grouped(rate),
      measured.length > 1 ? median(ratios).toFixed(2) : '',
      row.profiles === 0 ? '' : grouped(rate * row.profiles),
      row.profiles === 0 ? '' : grouped(best * row.profiles),
      latencies.percentileMs(0.5).toFixed(3),
      latencies.percentileMs(0.99).toFixed(3),
    ]));
  }
}

/** Calls again and again, `atOnce` side by side; resolves to calls per second. */
async function runFor(ms: number, { atOnce, run }: Row, latencies: Latencies): Promise<number> {
  const began = performance.now();
  let calls = 0;
  await Promise.all(Array.from({ length: atOnce }, async () => {
    for (let now = began; now < began + ms;) {
      await run();
      const then = now;
      now = performance.now();
      latencies.record((now - then) * 1_000);
      calls++;
    }
  }));
  return calls * 1_000 / (performance.now() - began);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

function line([where = '', call = '', ...numbers]: string[]): string {
  return where.padEnd(22) + call.padEnd(34) + numbers.map((text) => text.padStart(12)).join('');
}

function grouped(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}
