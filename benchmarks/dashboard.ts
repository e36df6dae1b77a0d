/**
 * `npm run bench:dashboard`: what the dashboard asks of the server for a first paint, of the wire for
 * its scripts, and of the browser's main thread while auctions stream in. README.md beside this file
 * says what is claimed.
 */
import { performance } from 'node:perf_hooks';
import { runtimeName } from '#shared/runtime/runtime.ts';
import { parseFlags, text, whole } from '../scripts/flags.ts';
import { type Runtime, RUNTIMES } from '../scripts/load/runtime-command.ts';
import { openBrowser } from '../tests/browser/open-browser.ts';
import { median } from './median.ts';
import { heading, runBenchmark, withExchange } from './run-benchmark.ts';

const { values: flags } = parseFlags({
  runtime: text('what the exchange runs on', runtimeName, [...RUNTIMES]),
  paints: whole('first paints of each page', 5, 1_000, 40),
  seconds: whole('of streaming', 5, 600, 15),
}, {
  command: 'npm run bench:dashboard --',
  about: 'Measures the dashboard and prints a block for benchmarks/README.md.',
});

/** So many that each of ten frames a second is full: 20 rows, 200 rows a second. */
const RATE_PER_S = 300;
/** An answer that needs nothing: what HTTP and the machine cost by themselves. */
const CONTROL = '/healthz';

await runBenchmark(() =>
  withExchange(flags.runtime as Runtime, async (exchange, generator) => {
    const order = { port: exchange.port, connections: 16, ratePerS: RATE_PER_S };
    await generator.run({ ...order, seconds: 5 });
    await exchange.idle();
    console.log(heading('dashboard.ts', exchange));
    await firstPaints(`http://127.0.0.1:${exchange.port}`);
    await mainThread(
      `http://127.0.0.1:${exchange.port}`,
      () => generator.run({ ...order, seconds: flags.seconds + 5 }),
    );
  })
);

/** Whole answers, one after the other, page and control in turn. */
async function firstPaints(url: string): Promise<void> {
  const paths = [CONTROL, '/api/live', '/', '/auctions'];
  const times = new Map(paths.map((path) => [path, [] as number[]]));
  for (let n = -2; n < flags.paints; n++) {
    for (const path of paths) {
      const begun = performance.now();
      await (await fetch(url + path)).arrayBuffer();
      if (n >= 0) times.get(path)!.push(performance.now() - begun);
    }
  }
  console.log('| answer | least ms | median ms | p90 ms |\n|---|---|---|---|');
  for (const [path, all] of times) {
    const sorted = all.toSorted((a, b) => a - b);
    const cells = [sorted[0]!, median(all), sorted[Math.floor(sorted.length * 0.9)]!];
    console.log(`| \`${path}\` | ${cells.map((ms) => ms.toFixed(1)).join(' | ')} |`);
  }
}

/** Chromium's own account of its main thread, with and without auctions streaming in. */
async function mainThread(url: string, traffic: () => Promise<unknown>): Promise<void> {
  const browser = await openBrowser();
  if (typeof browser === 'string') {
    console.log(`\nThe main thread was not measured. ${browser}`);
    return;
  }
  const page = await browser.newPage({ viewport: { width: 1280, height: 720 } });
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Performance.enable', { timeDomain: 'threadTicks' });
  const busyS = async (): Promise<number> => {
    const { metrics } = await devtools.send('Performance.getMetrics');
    return metrics.find(({ name }) => name === 'TaskDuration')!.value;
  };
  const share = async (): Promise<string> => {
    const [before, begun] = [await busyS(), performance.now()];
    await new Promise((resolve) => setTimeout(resolve, flags.seconds * 1_000));
    const seconds = (performance.now() - begun) / 1_000;
    return `${((await busyS() - before) / seconds * 100).toFixed(1)} %`;
  };
  await page.goto(url);
  await page.locator('.chart canvas').first().waitFor();
  const quiet = await share();
  const sent = traffic();
  await page.waitForTimeout(3_000);
  const busy = await share();
  const rows = await page.locator('tr[data-auction]').count();
  await sent;
  await browser.close();
  console.log(`\n| main thread of the page \`/\` | busy |\n|---|---|`);
  console.log(`| no auctions | ${quiet} |`);
  console.log(
    `| ${RATE_PER_S} auctions/s, ten frames a second, ${rows} rows shown | ${busy} (aim < 25 %) |`,
  );
}
