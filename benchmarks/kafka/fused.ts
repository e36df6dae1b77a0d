/** A fused node over Kafka against the embedded exchange, saturated in turn; then half load. */
import type { LoadGenerator } from '../load-generator.ts';
import { ExchangeUnderTest } from '../exchange-under-test.ts';
import { median } from '../median.ts';
import { ONE_GROUP, threeSeats } from '../three-seats.ts';
import { runtimeName } from '#shared/runtime/runtime.ts';
import { type Shape, startShape } from './shapes.ts';
import type { Site } from './site.ts';
import { measureStep, type Step, type Target } from './steps.ts';

export interface FusedFigures {
  pairs: { embedded: Step; fused: Step; ratio: number }[];
  /** The middle one of the pairs. */
  ratio: number;
  half: Step;
  embeddedHalf: Step;
}

export interface FusedOrder {
  generator: LoadGenerator;
  pairs: number;
  seconds: number;
  warmUpS: number;
  partitions: number;
  profiles: number;
  say(line: string): void;
}

/** Enough that neither waits for the generator: an outcome takes Kafka some ms. */
const CONNECTIONS = 128;

export async function measureFused(site: Site, order: FusedOrder): Promise<FusedFigures> {
  const { partitions, profiles, say } = order;
  say('starting a fused node and an embedded exchange');
  const shape = await startShape(site, { prefix: 'fused', fused: true, partitions, profiles });
  const embedded = await ExchangeUnderTest.start(runtimeName, profiles).catch(async (error) => {
    await shape.stop();
    throw error;
  });
  try {
    await threeSeats(`http://127.0.0.1:${embedded.port}`, ONE_GROUP);
    return await measurePairs(order, embeddedTarget(embedded), fusedTarget(site, shape));
  } finally {
    await embedded.stop();
    await shape.stop();
  }
}

async function measurePairs(
  order: FusedOrder,
  embeddedOne: Target,
  fusedOne: Target,
): Promise<FusedFigures> {
  const { generator, seconds, warmUpS, say } = order;
  const run = (target: Target, ratePerS?: number, s = seconds) =>
    measureStep(generator, target, ratePerS, s, CONNECTIONS);
  for (const target of [embeddedOne, fusedOne]) await run(target, undefined, warmUpS / 2);
  const pairs: FusedFigures['pairs'] = [];
  for (let n = 0; n < order.pairs; n++) {
    const embeddedFirst = n % 2 === 0;
    let embedded = embeddedFirst ? await run(embeddedOne) : undefined;
    const fused = await run(fusedOne);
    embedded ??= await run(embeddedOne);
    const ratio = fused.perSecond / embedded.perSecond;
    pairs.push({ embedded, fused, ratio });
    say(
      `pair ${n + 1}: embedded ${embedded.perSecond.toFixed(0)}/s, fused ${
        fused.perSecond.toFixed(0)
      }/s, ratio ${ratio.toFixed(2)}`,
    );
  }
  const half = (pick: (pair: FusedFigures['pairs'][number]) => Step) =>
    Math.max(1, Math.floor(median(pairs.map((pair) => pick(pair).perSecond)) / 2));
  const halfFused = await run(fusedOne, half(({ fused }) => fused));
  const embeddedHalf = await run(embeddedOne, half(({ embedded }) => embedded));
  say(`half load: fused p99 ${halfFused.p99.toFixed(1)} ms at ${halfFused.ratePerS}/s`);
  return { pairs, ratio: median(pairs.map(({ ratio }) => ratio)), half: halfFused, embeddedHalf };
}

function embeddedTarget({ child, port, metricsUrl }: ExchangeUnderTest): Target {
  return {
    name: 'embedded',
    port,
    metered: [{ name: 'embedded', part: 'path', pid: child.pid }],
    metrics: [metricsUrl],
  };
}

function fusedTarget(site: Site, shape: Shape): Target {
  return targetOf('fused', site, shape);
}

/** A shape as what is put under load. */
export function targetOf(name: string, site: Site, { doors, processes }: Shape): Target {
  return {
    name,
    port: doors[0]!.ports.PORT,
    metered: [...site.engines, ...processes],
    metrics: processes.map(({ ports }) => `http://127.0.0.1:${ports.METRICS_PORT}/metrics`),
  };
}
