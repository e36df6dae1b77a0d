/** `npm run seed`: writes reproducible profiles through gRPC, as any other system would. */
import process from 'node:process';
import { DEMO_SEED, demoProfileBatches } from '#shared/demo/profiles.ts';
import {
  createRemoteProfileClient,
  type RemoteProfileClient,
} from '../services/bidding/profile-channel.ts';
import { parseFlags, text, whole } from './flags.ts';
import { showProgress } from './load/progress.ts';
import { ownProfiles } from './own-exchange.ts';

/** Profiles per call: about 250 kB. */
const BATCH = 500;
/** Calls at once: while one is stored the next is on its way. */
const CALLS = 3;
/** ms; a call takes about 20. */
const CALL_MS_MAX = 10_000;

const { values: flags } = parseFlags({
  profiles: whole('how many', 1, 10_000_000, 100_000),
  seed: whole('other seeds give other profiles', 0, 2 ** 31, DEMO_SEED),
  addr: text(
    'the profile service',
    ownProfiles,
    /^[^\s:]+:\d{1,5}$|^\[.+\]:\d{1,5}$/,
    'host:port',
  ),
}, {
  command: 'npm run seed --',
  about: 'Writes the profiles of user-001, user-002, … to a running exchange.',
});

const client = createRemoteProfileClient(flags.addr);
process.exitCode = await seed(client).finally(() => client.close());

async function seed(client: RemoteProfileClient): Promise<number> {
  const batches = demoProfileBatches(flags.profiles, flags.seed, Date.now(), BATCH);
  const began = performance.now();
  let written = 0;
  const progress = showProgress(process.stdout, () => ({
    done: written / flags.profiles,
    text: `${grouped(written)} profiles`,
  }));
  // A few writers take from the same batches in turn.
  const write = async (): Promise<void> => {
    for (const profiles of batches) {
      const signal = AbortSignal.timeout(CALL_MS_MAX);
      const { stored } = await client.putProfiles({ profiles }, { signal });
      written += stored;
    }
  };
  try {
    await Promise.all(Array.from({ length: CALLS }, write));
  } catch (error) {
    progress.end();
    const reason = (error as { details?: string }).details ?? (error as Error).message;
    console.error(
      `Cannot write profiles to ${flags.addr}: ${reason}; is the exchange running? (npm start)`,
    );
    return 1;
  }
  progress.end();
  const seconds = (performance.now() - began) / 1_000;
  const rate = grouped(Number((written / seconds).toPrecision(2)));
  console.log(`Wrote ${grouped(written)} profiles in ${seconds.toFixed(1)} s (${rate}/s)`);
  return 0;
}

function grouped(value: number): string {
  return value.toLocaleString('en-US');
}
