/** Outcomes that wait on the topic, into ClickHouse by one analytics stage. */
import { setTimeout as sleep } from 'node:timers/promises';
import { createKafkaBus } from '#shared/bus/kafka.ts';
import { describeError } from '#shared/log.ts';
import { type Machine, machineBetween, readMeters, type Use, useBetween } from './meters.ts';
import { sampleOutcomes } from './sample-outcomes.ts';
import { startClickhouse } from './shapes.ts';
import { type Site, type StageProcess, startStage, topicNames, topicSettings } from './site.ts';

export interface IngestFigures {
  outcomes: number;
  imps: number;
  /** Outcomes per second from the first rows that show to the last. */
  perSecond: number;
  /** s from the start of the analytics process to the last row. */
  allS: number;
  /** Rows in the table, and different imps among them: alike when every one is there once. */
  rows: number;
  unique: number;
  /** Per outcome. */
  uses: Use[];
  machine: Machine;
}

export interface IngestOrder {
  outcomes: number;
  partitions: number;
  say(line: string): void;
}

const BATCH = 5_000;
const LOOK_MS = 100;
const WAIT_MS = 120_000;

export async function measureIngest(site: Site, order: IngestOrder): Promise<IngestFigures> {
  const { outcomes, say } = order;
  const names = topicNames('ingest');
  await site.admin.create(names, { partitions: order.partitions, replication: 1 });
  say(`writing ${outcomes} outcomes`);
  const imps = await fill(site, order);
  const started: StageProcess[] = [];
  try {
    const clickhouse = await startClickhouse(site, (one) => started.push(one));
    const processes = [...site.engines, clickhouse.process];
    const beginMs = performance.now();
    const before = readMeters(processes);
    const order = {
      name: 'analytics',
      part: 'beside',
      stages: ['analytics'],
      env: {
        KAFKA_BROKERS: site.kafka.addresses.join(','),
        ...topicSettings(names),
        CLICKHOUSE_URL: clickhouse.clickhouseUrl,
      },
    } as const;
    const starting = startStage(site, order).then((one) => (started.push(one), one));
    starting.catch(() => {});
    const count = async () => {
      const answer = await clickhouse.ask('SELECT count() FROM helios.outcomes').catch(() => '0');
      return Number(answer);
    };
    let first: { ms: number; rows: number } | undefined;
    let rows = 0;
    while (rows < imps && performance.now() - beginMs < WAIT_MS) {
      await sleep(LOOK_MS);
      rows = await count();
      if (rows > 0) first ??= { ms: performance.now(), rows };
    }
    const endMs = performance.now();
    const analytics = await starting;
    const machine = machineBetween(before, readMeters([]));
    const after = readMeters(processes);
    const uses = useBetween(processes, before, after, outcomes);
    // Its whole life: it was started for this.
    const whole = readMeters([analytics]);
    uses.push(...useBetween([analytics], nothingOf(analytics.name), whole, outcomes));
    const unique = await clickhouse.ask(
      'SELECT uniqExact(auction_id, imp_id) FROM helios.outcomes',
    );
    const share = (rows - (first?.rows ?? 0)) / imps;
    return {
      outcomes,
      imps,
      perSecond: (share * outcomes * 1_000) / (endMs - (first?.ms ?? beginMs)),
      allS: (endMs - beginMs) / 1_000,
      rows,
      unique: Number(unique),
      uses,
      machine,
    };
  } finally {
    for (const { child } of started.toReversed()) await child.stop();
  }
}

function nothingOf(name: string) {
  const counts = { produce: 0, fetch: 0, other: 0, bytesIn: 0, bytesOut: 0 };
  return { used: new Map([[name, { cpuUs: 0, rssMiB: 0, counts }]]), machine: [] };
}

/** Resolves to the imps of all outcomes when Kafka has them. */
async function fill(site: Site, { outcomes, partitions }: IngestOrder): Promise<number> {
  const bus = await createKafkaBus({
    brokers: site.kafka.addresses,
    names: topicNames('ingest'),
    clientId: 'helios-benchmark',
    onError: (error) => console.error(describeError(error)),
  });
  const make = sampleOutcomes(Date.now());
  let imps = 0;
  for (let begin = 0; begin < outcomes; begin += BATCH) {
    const records = Array.from({ length: Math.min(BATCH, outcomes - begin) }, (_, index) => {
      const partition = (begin + index) % partitions;
      const value = make(begin + index, partition);
      imps += value.imps.length;
      return { partition, value };
    });
    await bus.publish('auction_outcomes', records);
  }
  await bus.close();
  return imps;
}
