/**
 * `npm run demo`: the exchange with gentle traffic, for showing. The bidders ask the profile
 * service over gRPC here, as they do when it runs elsewhere. Ctrl-C ends both.
 */
import process from 'node:process';
import { describeError } from '#shared/log.ts';
import { parseConfig } from '#shared/config.ts';
import { parseFlags } from './flags.ts';
import { startExchange } from './load/exchange.ts';
import { createHttpClient } from './load/http-client.ts';
import { showProgress } from './load/progress.ts';
import { runtimeCommand } from './load/runtime-command.ts';
import { runtimeName } from '#shared/runtime/runtime.ts';
import { sendTimes, timeOfDay } from './load/schedule.ts';
import { Tally } from './load/tally.ts';
import { runTraffic } from './load/traffic-run.ts';
import { ownProfiles, ownUrl } from './own-exchange.ts';

/** Slow enough to watch single auctions, fast enough that there is always one. */
const RATE_PER_S = 5;
/** A day of the curve in five minutes: who watches for some minutes sees morning and evening. */
const DAY_S = 300;
const CONNECTIONS_MAX = 16;
const TIMEOUT_MS = 10_000;

parseFlags({}, {
  command: 'npm run demo --',
  about:
    `Starts the exchange and sends it ${RATE_PER_S} requests a second, a day in ${
      DAY_S / 60
    } minutes.\n` +
    'Settings are the variables of npm run help; npm run traffic sends other traffic.',
});
try {
  process.exitCode = await main();
} catch (error) {
  console.error(describeError(error));
  process.exitCode = 1;
}

async function main(): Promise<number> {
  const config = parseConfig(process.env);
  if (config.TLS_CERT_FILE !== undefined) {
    throw new Error('The demo sends plain HTTP: leave TLS_CERT_FILE and TLS_KEY_FILE unset for it');
  }
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => stop.abort());
  }
  const url = ownUrl(config);
  const profiles = ownProfiles(config);
  const exchange = await startExchange(
    runtimeCommand(runtimeName, 'services/main.ts'),
    url,
    { env: { USER_PROFILE_SVC_ADDR: profiles }, output: 'show' },
    stop.signal,
  );
  // An exchange that ends by itself ends the demo.
  void exchange.ended.then(() => stop.abort());
  if (!stop.signal.aborted) await demonstrate(url, config.ADMIN_KEY, stop.signal);
  const early = exchange.end;
  const end = early ?? await exchange.stop();
  if (early === undefined && end === 'code 0') return 0;
  console.error(`The exchange ended with ${end}`);
  return 1;
}

async function demonstrate(
  url: string,
  key: string | undefined,
  signal: AbortSignal,
): Promise<void> {
  const client = createHttpClient({
    url,
    headers: key === undefined ? {} : { authorization: `Bearer ${key}` },
    connectionsMax: CONNECTIONS_MAX,
    timeoutMs: TIMEOUT_MS,
  });
  const tally = new Tally();
  const startMs = performance.now();
  console.log(
    `Sending ${RATE_PER_S} requests per second, a day in ${DAY_S / 60} minutes; Ctrl-C ends.`,
  );
  const progress = showProgress(process.stdout, () => {
    const clock = timeOfDay(performance.now() - startMs, DAY_S);
    return { text: `Demo time ${clock}: ${tally.sent} auctions, ${tally.filled} sold` };
  });
  const times = sendTimes({ ratePerS: RATE_PER_S, durationS: Infinity, dayS: DAY_S });
  await runTraffic({ client, times, seed: Date.now() % 2 ** 31, signal, tally });
  progress.end();
  client.close();
  console.log(tally.summary(performance.now() - startMs));
}
