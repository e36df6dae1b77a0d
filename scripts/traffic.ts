/** `npm run traffic`: sends reproducible sample requests to an exchange and sums up what came back. */
import process from 'node:process';
import { number, parseFlags, text, whole } from './flags.ts';
import { createHttpClient, type HttpClient } from './load/http-client.ts';
import { showProgress } from './load/progress.ts';
import { sendTimes, shareDone, spacedTimes, timeOfDay } from './load/schedule.ts';
import { Tally } from './load/tally.ts';
import { runTraffic } from './load/traffic-run.ts';
import { onInterrupt } from './on-interrupt.ts';
import { ownUrl } from './own-exchange.ts';

/** Requests that wait for a free connection wait in our measure too; more would cost the server memory. */
const CONNECTIONS_MAX = 256;
/** An exchange answers within tmax or says 503; after this long it has stalled. */
const TIMEOUT_MS = 10_000;

const { values: flags } = parseFlags({
  rate: number('requests per second, on average', 0.1, 20_000, 200),
  duration: number('seconds', 1, 86_400, 30),
  curve: text('day: one day from 06:00 to 06:00 passes in the run; flat: a constant rate', 'day', [
    'day',
    'flat',
  ]),
  count: whole(
    'sends just so many requests; --rate, --duration and --curve have no effect',
    1,
    1e7,
  ),
  delay: number('seconds between the requests of --count', 0, 3_600, 0),
  seed: whole('the same seed sends the same requests', 0, 2 ** 31 - 1, 7),
  url: text('the exchange', ownUrl, /^http:\/\/[^/?#]+\/?$/, 'http://host:port'),
  key: text('a publisher key; needed where the address is not loopback'),
}, {
  command: 'npm run traffic --',
  about:
    'Sends reproducible OpenRTB requests (banner, video, native) and sums up what came back.\n' +
    'Each is sent at its planned time, whether or not earlier ones are answered, and latency\n' +
    'counts from that time: a stall shows in every request it delayed. Ctrl-C ends the sending.',
});

process.exitCode = await main();

async function main(): Promise<number> {
  if (flags.url.startsWith('https:')) {
    console.error(`Traffic is plain HTTP, and settings say ${flags.url}: give another --url`);
    return 2;
  }
  const client = createHttpClient({
    url: flags.url,
    headers: flags.key === undefined ? {} : { authorization: `Bearer ${flags.key}` },
    connectionsMax: CONNECTIONS_MAX,
    timeoutMs: TIMEOUT_MS,
  });
  try {
    return await send(client);
  } finally {
    client.close();
  }
}

async function send(client: HttpClient): Promise<number> {
  const alive = await client.send('GET', '/healthz');
  if (alive.kind === 'failure') {
    console.error(
      `Cannot reach ${flags.url}: ${alive.reason}; is the exchange running? (npm start)`,
    );
    return 1;
  }
  const tally = new Tally();
  const stop = new AbortController();
  onInterrupt(['SIGINT'], () => stop.abort());
  const startMs = performance.now();
  const progress = showProgress(process.stdout, () => describe(tally, performance.now() - startMs));
  const { seed } = flags;
  await runTraffic({ client, times: plannedTimes(), seed, signal: stop.signal, tally });
  progress.end();
  console.log(tally.summary(performance.now() - startMs));
  return tally.answered + tally.shed > 0 ? 0 : 1;
}

function plannedTimes(): Iterable<number> {
  const { count, delay, rate, duration, curve } = flags;
  if (count !== undefined) return spacedTimes(count, delay);
  return sendTimes({
    ratePerS: rate,
    durationS: duration,
    ...(curve === 'day' && { dayS: duration }),
  });
}

function describe(tally: Tally, elapsedMs: number): { done: number; text: string } {
  const { count, duration, curve } = flags;
  const parts = [
    count === undefined && curve === 'day' ? timeOfDay(elapsedMs, duration) : '',
    `${tally.sent.toLocaleString('en-US')} sent`,
    `${((100 * tally.filled) / Math.max(1, tally.sent)).toFixed(0)} % filled`,
    tally.latencies.count > 0 ? `p99 ${tally.latencies.percentileMs(0.99).toFixed(1)} ms` : '',
    tally.shed > 0 ? `${tally.shed} shed` : '',
    tally.errorCount > 0 ? `${tally.errorCount} errors` : '',
  ];
  return {
    done: shareDone(flags, tally.sent, elapsedMs),
    text: parts.filter((part) => part !== '').join(', '),
  };
}
