/** What is claimed of the exchange over Kafka. */
import type { Figures } from './figures.ts';
import { SHARE_LEAST, type Step } from './steps.ts';
import { count, fixed, met, table } from './tables.ts';

/** On a two-core machine with broker and all stages on it. */
const RATE_LEAST = 2_000;
const CPU_MS_MOST = 0.8;
const OF_CONTROL_MOST = 1.6;
const AT_500 = { p50: 20, p99: 100 };
const FUSED_LEAST = 0.6;
const FUSED_P99_MOST = 25;
const INGEST_LEAST = 15_000;

/** Each with what was measured, and whether that meets it. */
export function aims({ distributed, control, ownControl = [], fused, ingest }: Figures): string {
  const kept = distributed.filter(({ share }) => share >= SHARE_LEAST);
  const best = kept.at(-1);
  const at500 = distributed.find(({ ratePerS }) => ratePerS === 500);
  const ratio = best && ratioAt(best, control);
  const own = best && ratioAt(best, ownControl);
  const rows: [string, string, boolean | undefined][] = [
    [
      `distributed: at least ${count(RATE_LEAST)}/s sustained`,
      best ? `${count(best.perSecond)}/s` : '–',
      distributed.length === 0 ? undefined : (best?.ratePerS ?? 0) >= RATE_LEAST,
    ],
    [
      `there: at most ${CPU_MS_MOST} ms CPU per auction`,
      best ? `${fixed(best.cpuMs, 2)} ms` : '–',
      best && best.cpuMs <= CPU_MS_MOST,
    ],
    [
      `there: at most ${OF_CONTROL_MOST} × the control`,
      `${ratio ? `${fixed(ratio.all, 2)} ×` : '–'}${
        own ? ` (${fixed(own.all, 2)} × that on the exchange's own client)` : ''
      }`,
      ratio && ratio.all <= OF_CONTROL_MOST,
    ],
    [
      `at 500/s: p50 at most ${AT_500.p50}, p99 at most ${AT_500.p99} ms`,
      at500 ? `${fixed(at500.p50)} / ${fixed(at500.p99)} ms` : '–',
      at500 && at500.p50 <= AT_500.p50 && at500.p99 <= AT_500.p99,
    ],
    [
      `fused: at least ${FUSED_LEAST} of embedded`,
      fused ? fixed(fused.ratio, 2) : '–',
      fused && fused.ratio >= FUSED_LEAST,
    ],
    [
      `fused: p99 at most ${FUSED_P99_MOST} ms at half load`,
      fused ? `${fixed(fused.half.p99)} ms` : '–',
      fused && fused.half.p99 <= FUSED_P99_MOST,
    ],
    [
      `outcomes into ClickHouse: at least ${count(INGEST_LEAST)}/s`,
      ingest ? `${count(ingest.perSecond)}/s` : '–',
      ingest && ingest.perSecond >= INGEST_LEAST,
    ],
  ];
  return table(['aim', 'measured', ''], rows.map(([aim, value, yes]) => [aim, value, met(yes)]));
}

/** CPU of an auction as a multiple of the control's at the same rate; `path`: without analytics. */
export function ratioAt(
  step: Step,
  control: readonly Step[],
): { all: number; path: number } | undefined {
  const same = control.find(({ ratePerS }) => ratePerS === step.ratePerS);
  return same && { all: step.cpuMs / same.cpuMs, path: step.pathCpuMs / same.cpuMs };
}
