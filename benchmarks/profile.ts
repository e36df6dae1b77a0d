/**
 * Profile look-ups over gRPC against what the same gRPC stack costs when it looks nothing up.
 * Claims, with 100,000 profiles: a single look-up takes p50 < 1 ms and p99 < 5 ms, batches of 512
 * give at least 80,000 profiles a second. With the service in this process (one thread for both
 * sides) and in a process of its own.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
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
import { ControlDefinition, startProfileServer } from './profile-server.ts';

/** As many as one call of the bidder's look-up asks for. */
const BATCH = 512;
/** Share of the time of a row that is not counted: code gets compiled, caches fill. */
const WARM_UP = 0.3;

const { values: flags } = parseFlags({
  profiles: whole('in the store', 1_000, 1_000_000, 100_000),
  seconds: whole('of each row', 1, 60, 3),
}, { command: 'node benchmarks/profile.ts', about: 'Measures profile look-ups over gRPC.' });

const random = seededRandom(1);
const someUser = () => demoUserId(1 + Math.floor(random() * flags.profiles));
const someUsers = () => Array.from({ length: BATCH }, someUser);

const folder = mkdtempSync(join(tmpdir(), 'helios-bench-'));
try {
  await run(join(folder, 'store.db'));
} finally {
  rmSync(folder, { recursive: true });
}

async function run(path: string): Promise<void> {
  console.log(`${runtimeName} ${runtimeVersion}, ${cpus().length} × ${cpus()[0]?.model}`);
  const server = await startProfileServer(path);
  await fill(server.client);
  console.log(line(['service', 'call', 'calls/s', 'profiles/s', 'p50 ms', 'p99 ms']));
  await measureInProcess(server.client);
  await measureRemote('same process', server.ports);
  await server.close();

  const [program, ...args] = runtimeCommand(runtimeName, 'benchmarks/profile-server.ts');
  const child = spawn(program, [...args, path], {
    cwd: PROJECT_DIR,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = once(child, 'close');
  const [ports] = await once(child.stdout.setEncoding('utf8'), 'data');
  await measureRemote('own process', JSON.parse(String(ports)));
  child.stdin.end();
  await ended;
}

async function fill(client: ProfileServiceClient): Promise<void> {
  const began = performance.now();
  for (const profiles of demoProfileBatches(flags.profiles, DEMO_SEED, Date.now(), BATCH)) {
    await client.putProfiles({ profiles });
  }
  const seconds = (performance.now() - began) / 1_000;
  console.log(`stored ${grouped(flags.profiles)} profiles in ${seconds.toFixed(1)} s\n`);
}

async function measureInProcess(client: ProfileServiceClient): Promise<void> {
  const lookup = createProfileLookup({ client, clock: systemClock, metrics: createMetrics() });
  const ask = async (userIds: string[]): Promise<void> => {
    const { kind } = await lookup(userIds, systemClock.now() + 1_000);
    if (kind !== 'found') throw new Error('Cannot measure the look-up: it failed');
  };
  const known = Array.from({ length: 100 }, someUser);
  let turn = 0;
  await measure('in process', 'look-up of 1, seen lately', 1, 1, () => ask([known[turn++ % 100]!]));
  await measure('in process', 'look-up of 1, any user', 1, 1, () => ask([someUser()]));
  await measure('in process', `look-up of ${BATCH}`, 1, BATCH, () => ask(someUsers()));
}

async function measureRemote(
  where: string,
  ports: { profile: number; control: number },
): Promise<void> {
  const channel = createChannel(`127.0.0.1:${ports.control}`);
  const control = createClient(ControlDefinition, channel);
  const profile = createRemoteProfileClient(`127.0.0.1:${ports.profile}`);
  const row = (call: string, atOnce: number, profiles: number, run: () => Promise<unknown>) =>
    measure(where, `${call}${atOnce > 1 ? `, ${atOnce} at once` : ''}`, atOnce, profiles, run);
  for (const atOnce of [1, 8]) {
    await row('control: empty', atOnce, 0, () => control.empty({}));
    await row('GetProfile', atOnce, 1, () => profile.getProfile({ userId: someUser() }));
  }
  for (const atOnce of [1, 4]) {
    await row(`control: ${BATCH} ids`, atOnce, 0, () => control.echo({ userIds: someUsers() }));
    await row(
      `BatchGetProfiles ${BATCH}`,
      atOnce,
      BATCH,
      () => profile.batchGetProfiles({ userIds: someUsers() }),
    );
  }
  channel.close();
  profile.close();
}

/** Calls `run` again and again, `atOnce` side by side, and prints what that gave. */
async function measure(
  where: string,
  call: string,
  atOnce: number,
  profilesPerCall: number,
  run: () => Promise<unknown>,
): Promise<void> {
  const began = performance.now();
  const counted = began + flags.seconds * 1_000 * WARM_UP;
  const end = began + flags.seconds * 1_000;
  const latencies = new Latencies();
  await Promise.all(Array.from({ length: atOnce }, async () => {
    for (let now = began; now < end;) {
      await run();
      const then = now;
      now = performance.now();
      if (then >= counted) latencies.record((now - then) * 1_000);
    }
  }));
  const rate = latencies.count / (flags.seconds * (1 - WARM_UP));
  console.log(line([
    where,
    call,
    grouped(rate),
    profilesPerCall === 0 ? '' : grouped(rate * profilesPerCall),
    latencies.percentileMs(0.5).toFixed(3),
    latencies.percentileMs(0.99).toFixed(3),
  ]));
}

function line([where = '', call = '', ...numbers]: string[]): string {
  return where.padEnd(14) + call.padEnd(34) + numbers.map((text) => text.padStart(12)).join('');
}

function grouped(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}
