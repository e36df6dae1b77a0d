/** The figures of one run as a Markdown block for benchmarks/README.md. */
import os from 'node:os';
import { answered, failed, type HalfLoad, type Pair } from './measure.ts';
import { median } from './median.ts';
import type { Ledger } from './exchange-under-test.ts';
import type { LoadReport } from './load-run.ts';
import { runtimeName, runtimeVersion } from '#shared/runtime/runtime.ts';

/** The aims of the exchange; see README.md beside this file. */
const RATIO_LEAST = 0.45;
const HALF_LOAD_P99_MOST_MS = 10;
/** MiB per minute: below it a day's growth is the noise of two minutes. */
const SLOPE_MOST_MIB = 5;
/** A shorter run shows how caches fill, not whether memory grows. */
const SLOPE_LEAST_S = 60;

export interface RunFigures {
  /** As `/readyz` has it, such as `node 24.21.0`. */
  runtime: string;
  profiles: number;
  pairs: readonly Pair[];
  secondsPerRun: number;
  half: HalfLoad;
  /** Auctions answered in the whole life of the exchange, and their imps. */
  answered: number;
  imps: number;
  /** Answered empty because the deadline came first; their auctions may not exist. */
  expired: number;
  ledger: Ledger;
}

/** Everything answered is stored, once. Of requests that got no answer some may be stored as well. */
export function nothingLost(figures: RunFigures): boolean {
  const { answered, imps, expired, ledger } = figures;
  if (ledger.rows !== ledger.imps) return false;
  const unanswered = failures(figures);
  if (expired === 0 && unanswered === 0) {
    return ledger.auctions === answered && ledger.imps === imps;
  }
  return ledger.auctions >= answered - expired && ledger.auctions <= answered + unanswered;
}

export function noErrors(figures: RunFigures): boolean {
  return failures(figures) === 0;
}

function failures({ pairs, half }: RunFigures): number {
  return failed(half.report) + pairs.reduce((sum, pair) => sum + failed(pair.exchange), 0);
}

export function markdown(figures: RunFigures): string {
  const parts = [head, pairsTable, threadsTable, halfTable, ledgerLine];
  return parts.map((part) => part(figures)).join('\n\n');
}

function head({ runtime, profiles, secondsPerRun }: RunFigures): string {
  const [cpu] = os.cpus();
  const memory = Math.round(os.totalmem() / 2 ** 30);
  const generator = `${runtimeName} ${runtimeVersion}`;
  return `### ${runtime}

${
    new Date().toISOString().slice(0, 10)
  } · ${os.cpus().length} × ${cpu?.model.trim()}, ${memory} GiB, ${os.type()} ${os.release()} · load generator on ${generator}
${
    count(profiles)
  } profiles; ${secondsPerRun} s per run; no process pinned to a core; generator, control and exchange share the machine`;
}

function pairsTable({ pairs }: RunFigures): string {
  const rows = pairs.map(({ control, exchange, ratio, exchangeCpuUs, catchUpS }, index) =>
    `| ${index + 1} | ${count(control.perSecond)} | ${count(exchange.perSecond)} | ${
      ratio.toFixed(3)
    } | ${ms(exchange.p50)} / ${ms(exchange.p99)} | ${exchangeCpuUs.toFixed(0)} | ${
      control.cpuUsPerRequest.toFixed(0)
    } / ${exchange.cpuUsPerRequest.toFixed(0)} | ${catchUpS.toFixed(1)} | ${failed(exchange)} |`
  );
  const ratio = median(pairs.map((pair) => pair.ratio));
  return `| pair | control /s | exchange /s | ratio | exchange p50 / p99 ms | exchange CPU µs/request | generator CPU µs/request, both | idle again after s | errors |
|---|---|---|---|---|---|---|---|---|
${rows.join('\n')}
| **median** | **${count(median(pairs.map((pair) => pair.control.perSecond)))}** | **${
    count(median(pairs.map((pair) => pair.exchange.perSecond)))
  }** | **${ratio.toFixed(3)}** (aim ≥ ${RATIO_LEAST}: ${met(ratio >= RATIO_LEAST)}) | | | | | |`;
}

/** Threads that take less than this of a request are left out. */
const THREAD_LEAST_US = 0.5;

function threadsTable({ pairs }: RunFigures): string {
  const names = new Set(pairs.flatMap(({ exchangeThreadsUs }) => [...exchangeThreadsUs.keys()]));
  const threads = [...names].map((name) => ({
    name,
    us: median(pairs.map(({ exchangeThreadsUs }) => exchangeThreadsUs.get(name) ?? 0)),
  })).filter(({ us }) => us >= THREAD_LEAST_US).sort((a, b) => b.us - a.us);
  const rows = [
    ['control, all threads', median(pairs.map(({ controlCpuUs }) => controlCpuUs))] as const,
    ['exchange, all threads', median(pairs.map(({ exchangeCpuUs }) => exchangeCpuUs))] as const,
    ...threads.map(({ name, us }) => [`exchange, ${name}`, us] as const),
  ];
  return `Processor time per request, medians:

| | µs |
|---|---|
${rows.map(([name, us]) => `| ${name} | ${us.toFixed(1)} |`).join('\n')}`;
}

function halfTable({ half }: RunFigures): string {
  const { report, control } = half;
  const total = answered(report) + failed(report);
  const part = (value: number) => `${count(value)} (${((100 * value) / total).toFixed(1)} %)`;
  const flat = half.seconds < SLOPE_LEAST_S
    ? 'too short to say'
    : met(half.slopeMiBPerMinute <= SLOPE_MOST_MIB);
  const rows = [
    ['p50 / p99 / p99.9 / max', latencies(report)],
    [`the same of the control at ${count(control.ratePerS)}/s`, latencies(control.report)],
    ['p99 ≤ 10 ms', met(report.p99 <= HALF_LOAD_P99_MOST_MS)],
    ['filled', part(report.answers[200] ?? 0)],
    ['no bid', part((report.answers[204] ?? 0) - half.expired)],
    ['empty at the deadline', part(half.expired)],
    ['errors', `${failed(report)}${kinds(report)}`],
    ['exchange CPU', `${half.cpuUsPerRequest.toFixed(0)} µs/request`],
    ['generator CPU', `${report.cpuUsPerRequest.toFixed(0)} µs/request`],
    [
      'memory (RSS), start → end / most',
      `${half.rssStartMiB.toFixed(0)} → ${half.rssEndMiB.toFixed(0)} / ${
        half.rssMostMiB.toFixed(0)
      } MiB`,
    ],
    [
      'memory, growth of its level',
      `${half.slopeMiBPerMinute.toFixed(1)} MiB/min (aim ≤ ${SLOPE_MOST_MIB}: ${flat})`,
    ],
  ];
  return `At half load, ${
    count(half.ratePerS)
  }/s for ${half.seconds} s, latency from the planned send time:

| | |
|---|---|
${rows.map((row) => `| ${row.join(' | ')} |`).join('\n')}`;
}

function latencies({ p50, p99, p999, max }: LoadReport): string {
  return `${ms(p50)} / ${ms(p99)} / ${ms(p999)} / ${ms(max)} ms`;
}

function ledgerLine(figures: RunFigures): string {
  const { ledger, answered, imps, expired } = figures;
  return `Answered over the whole run: ${count(answered)} auctions with ${count(imps)} imps, ` +
    `${count(expired)} of them empty at the deadline; in ClickHouse: ${
      count(ledger.auctions)
    } auctions, ` +
    `${count(ledger.imps)} imps in ${count(ledger.rows)} rows: ` +
    (nothingLost(figures) ? 'every one exactly once.' : '**LOST OR REPEATED**.');
}

function kinds({ answers, failures }: HalfLoad['report']): string {
  const others = Object.entries(answers).filter(([status]) => status !== '200' && status !== '204')
    .map(([status, times]) => `HTTP ${status}: ${times}`);
  const lost = Object.entries(failures).map(([reason, times]) => `${reason}: ${times}`);
  return others.length + lost.length === 0 ? '' : ` (${[...others, ...lost].join(', ')})`;
}

function met(yes: boolean): string {
  return yes ? 'met' : 'missed';
}

function ms(value: number): string {
  return value.toFixed(1);
}

function count(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}
