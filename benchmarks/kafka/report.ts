/** The figures of a run as a Markdown block for benchmarks/README.md. */
import { aims, ratioAt } from './aims.ts';
import type { Figures } from './figures.ts';
import { type CostFit, requestsPerAuction } from './fit.ts';
import type { Use } from './meters.ts';
import { SHARE_LEAST, type Step } from './steps.ts';
import { count, fixed, percent, table } from './tables.ts';

export function markdown(figures: Figures): string {
  const { distributed, control, ownControl = [], fits, controlFits } = figures;
  const { fused, ingest, slices, sizes } = figures;
  const parts = [
    `### kafka.ts, ${figures.runtime}`,
    `${figures.day} · ${figures.machine} · one broker (Kafka 4.1.1), Redis 7, ${figures.partitions} partitions
${
      count(figures.profiles)
    } profiles; ${figures.seconds} s per step; load generator, broker and all stages share the machine`,
    aims(figures),
  ];
  if (distributed.length + control.length > 0) {
    parts.push(
      '**One process per stage, and the controls**, the same rates in turn:',
      stepsTable(distributed, control, ownControl),
    );
    const last = distributed.findLast(({ share }) => share >= SHARE_LEAST) ?? distributed.at(-1);
    const modest = distributed.find(({ ratePerS }) => ratePerS === 500);
    for (const step of new Set([modest, last])) {
      if (step) parts.push(`Per auction at ${count(step.ratePerS)}/s:`, usesTable(step.uses));
    }
    for (
      const [name, steps] of [['The control', control], ['On our own client', ownControl]] as const
    ) {
      const same = steps.findLast(({ ratePerS }) => ratePerS === last?.ratePerS);
      if (same) parts.push(`${name} at ${count(same.ratePerS)}/s:`, usesTable(same.uses));
    }
    const idle = figures.idle.map(({ name, msPerS }) => `${name} ${fixed(msPerS)}`);
    if (idle.length > 0) {
      parts.push(
        `Without auctions, ms of CPU per second: ${idle.join(', ')}. Exchange and controls are ` +
          'there together, idle while another is measured; the broker works for all.',
      );
    }
    const drops = distributed.filter(({ drops }) => Object.keys(drops).length > 0);
    if (drops.length > 0) {
      parts.push('Lost, late or refused:', drops.map(dropsLine).join('\n'));
    }
  }
  if (fits.length + controlFits.length > 0) {
    parts.push(
      'CPU of an auction in ms = a + b / batch, a batch being auctions per request to Kafka:',
      fitsTable([...fits, ...controlFits.filter(({ name }) => name === 'all').map(asControl)]),
    );
  }
  if (sizes) {
    const all = Object.values(sizes).reduce((sum, bytes) => sum + bytes, 0);
    parts.push(
      `Bytes of an auction on the broker: bid_requests ${count(sizes.requests)}, bid_responses ${
        count(sizes.responses)
      }, auction_outcomes ${count(sizes.outcomes)}, auction_details ${count(sizes.details)}; ${
        count(all)
      } in all.`,
    );
  }
  if (fused) {
    parts.push(
      '**A fused node** against the embedded exchange, saturated in turn, then half of its own rate:',
      fusedTable(fused),
    );
    const use = fused.pairs.at(-1)?.fused.uses;
    if (use) parts.push('Per auction of the fused shape, saturated:', usesTable(use));
  }
  if (ingest) {
    const exact = ingest.rows === ingest.imps && ingest.unique === ingest.imps;
    parts.push(
      `**Outcomes from the topic into ClickHouse**: ${count(ingest.outcomes)} outcomes (${
        count(ingest.imps)
      } imps) at **${count(ingest.perSecond)}/s** by one analytics stage, ${
        fixed(ingest.allS)
      } s from its start to the last row; ${
        exact ? 'every imp is there once' : `**${ingest.rows} rows, ${ingest.unique} imps**`
      }; ${percent(ingest.machine.stolen)} of the machine was taken away.`,
      usesTable(ingest.uses),
    );
  }
  if (slices.length > 0) {
    parts.push(
      '**Gateways that share the partitions**, at the same rate together:',
      slicesTable(slices),
    );
  }
  return parts.join('\n\n');
}

const asControl = (fit: CostFit): CostFit => ({ ...fit, name: 'control, all' });

function stepsTable(
  distributed: readonly Step[],
  control: readonly Step[],
  ownControl: readonly Step[],
): string {
  const steps = [...distributed, ...control, ...ownControl];
  const sorted = steps.toSorted((a, b) => a.ratePerS - b.ratePerS);
  const multiple = (step: Step, of: readonly Step[]): string => {
    const ratio = distributed.includes(step) ? ratioAt(step, of) : undefined;
    return ratio ? `${fixed(ratio.all, 2)} (${fixed(ratio.path, 2)})` : '';
  };
  const rows = sorted.map((step) => {
    return [
      count(step.ratePerS),
      step.target,
      count(step.perSecond),
      percent(step.share),
      `${fixed(step.p50)} / ${fixed(step.p90)} / ${fixed(step.p99)}`,
      `${fixed(step.cpuMs, 2)} (${fixed(step.pathCpuMs, 2)})`,
      multiple(step, control),
      multiple(step, ownControl),
      fixed(requestsPerAuction(step), 2),
      fixed(step.generatorCpuMs, 2),
      `${percent(step.machine.busy)} / ${percent(step.machine.stolen)}`,
    ];
  });
  const head = [
    'rate/s',
    'what',
    'in time/s',
    'in time',
    'p50 / p90 / p99 ms',
    'CPU ms (without analytics)',
    '× control',
    '× own client',
    'requests to Kafka',
    'generator CPU ms',
    'machine busy / taken away',
  ];
  return table(head, rows);
}

function usesTable(uses: readonly Use[]): string {
  const sum = (pick: (use: Use) => number) => uses.reduce((all, use) => all + pick(use), 0);
  const row = (name: string, of: (pick: (use: Use) => number) => number) => [
    name,
    fixed(of(({ cpuMs }) => cpuMs), 3),
    fixed(of(({ rssMiB }) => rssMiB), 0),
    fixed(of(({ produce }) => produce), 3),
    fixed(of(({ fetch }) => fetch), 3),
    fixed(of(({ other }) => other), 3),
    count(of(({ bytesIn }) => bytesIn)),
    count(of(({ bytesOut }) => bytesOut)),
  ];
  const head = [
    'process',
    'CPU ms',
    'RSS MiB',
    'produce',
    'fetch',
    'other',
    'bytes from Kafka',
    'to',
  ];
  const rows = uses.map((use) => row(use.name, (pick) => pick(use)));
  return table(head, [...rows, row('**all**', sum)]);
}

function dropsLine({ ratePerS, drops }: Step): string {
  const parts = Object.entries(drops).map(([name, by]) => `\`${name}\` ${count(by)}`);
  return `- at ${count(ratePerS)}/s: ${parts.join(', ')}`;
}

export function fitsTable(fits: readonly CostFit[]): string {
  const rows = fits.map(({ name, a, b, r2 }) => [name, fixed(a, 3), fixed(b, 3), fixed(r2, 2)]);
  return table(['process', 'a, ms', 'b, ms', 'R²'], rows);
}

function fusedTable({ pairs, ratio, half, embeddedHalf }: NonNullable<Figures['fused']>): string {
  const rows = pairs.map(({ embedded, fused, ratio }, index) => [
    `pair ${index + 1}, saturated`,
    `${count(embedded.perSecond)} / ${count(fused.perSecond)}`,
    fixed(ratio, 2),
    fixed(embedded.p99),
    fixed(fused.p99),
    `${fixed(embedded.cpuMs, 2)} / ${fixed(fused.cpuMs, 2)}`,
    percent(fused.machine.stolen),
  ]);
  rows.push([
    'half load',
    `${count(embeddedHalf.ratePerS)} / ${count(half.ratePerS)}`,
    `**${fixed(ratio, 2)}** (median)`,
    fixed(embeddedHalf.p99),
    `**${fixed(half.p99)}**`,
    `${fixed(embeddedHalf.cpuMs, 2)} / ${fixed(half.cpuMs, 2)}`,
    percent(half.machine.stolen),
  ]);
  const head = [
    '',
    'embedded / fused, per s',
    'ratio',
    'embedded p99 ms',
    'fused p99 ms',
    'CPU ms, all processes',
    'taken away',
  ];
  return table(head, rows);
}

export function slicesTable(slices: Figures['slices']): string {
  const rows = slices.map((row) => [
    String(row.gateways),
    count(row.ratePerS),
    fixed(row.cpuMs, 3),
    fixed(row.requests, 2),
    `${fixed(row.p50)} / ${fixed(row.p99)}`,
    percent(row.stolen),
  ]);
  const head = [
    'gateways',
    'rate/s',
    'gateway CPU ms',
    'requests to Kafka',
    'p50 / p99 ms',
    'taken away',
  ];
  return table(head, rows);
}
