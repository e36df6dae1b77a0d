/** What an auction costs gateways that share the partitions, by their number. */
import { LoadGenerator } from '../load-generator.ts';
import { answered } from '../measure.ts';
import { machineBetween, readMeters, useBetween } from './meters.ts';
import { startShape } from './shapes.ts';
import type { Site } from './site.ts';
import { connectionsFor } from './steps.ts';

export interface SliceFigures {
  gateways: number;
  ratePerS: number;
  /** Of all gateways together, per auction. */
  cpuMs: number;
  /** Requests of all gateways to Kafka, per auction. */
  requests: number;
  p50: number;
  p99: number;
  stolen: number;
}

export interface SliceOrder {
  counts: readonly number[];
  ratePerS: number;
  seconds: number;
  warmUpS: number;
  partitions: number;
  users: number;
  say(line: string): void;
}

/** The same rate for all numbers, shared evenly by the gateways. */
export async function measureSlices(site: Site, order: SliceOrder): Promise<SliceFigures[]> {
  const figures: SliceFigures[] = [];
  for (const gateways of order.counts) {
    const { partitions, ratePerS, seconds, warmUpS } = order;
    order.say(`starting ${gateways} gateways`);
    const shape = await startShape(site, {
      prefix: `slices${gateways}`,
      fused: false,
      partitions,
      profiles: 0,
      gateways,
    });
    const generators = await Promise.all(shape.doors.map(() => LoadGenerator.start(order.users)));
    try {
      const run = (s: number) =>
        Promise.all(generators.map((generator, index) =>
          generator.run({
            port: shape.doors[index]!.ports.PORT,
            connections: connectionsFor(ratePerS / gateways),
            seconds: s,
            ratePerS: ratePerS / gateways,
          })
        ));
      await run(warmUpS);
      const before = readMeters(shape.doors);
      const reports = await run(seconds);
      const after = readMeters(shape.doors);
      const auctions = reports.reduce((sum, report) => sum + answered(report), 0);
      const uses = useBetween(shape.doors, before, after, auctions);
      const sum = (pick: (use: (typeof uses)[number]) => number) =>
        uses.reduce((all, use) => all + pick(use), 0);
      const row = {
        gateways,
        ratePerS,
        cpuMs: sum(({ cpuMs }) => cpuMs),
        requests: sum(({ produce, fetch, other }) => produce + fetch + other),
        p50: Math.max(...reports.map(({ p50 }) => p50)),
        p99: Math.max(...reports.map(({ p99 }) => p99)),
        stolen: machineBetween(before, after).stolen,
      };
      figures.push(row);
      order.say(`${gateways} gateways: ${row.cpuMs.toFixed(2)} ms of gateway CPU per auction`);
    } finally {
      for (const generator of generators) await generator.stop();
      await shape.stop();
    }
  }
  return figures;
}
