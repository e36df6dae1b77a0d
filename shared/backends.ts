/** The engines behind the seams, chosen by the settings. A new engine is one file and one line here. */
import { hostname } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import type { Bus } from './bus/bus.ts';
import { createEmbeddedBus } from './bus/embedded.ts';
import { createKafkaBus, type KafkaBusOptions } from './bus/kafka.ts';
import { tellLag } from './bus/kafka-lag.ts';
import { TOPIC_NAMES } from './bus/kafka-topics.ts';
import { SenderClocks } from './bus/sender-clocks.ts';
import { createSplitBus } from './bus/split.ts';
import { type CatalogView, followCatalog } from './catalog-view.ts';
import { type Config, topicNamesOf } from './config.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';
import { crash } from './runtime/signals.ts';
import { createRedisStore } from './store/redis.ts';
import { createSqliteStore } from './store/sqlite.ts';
import type { Store } from './store/store.ts';
import { createChdbWarehouse } from './warehouse/chdb.ts';
import { createClickhouseWarehouse } from './warehouse/clickhouse.ts';
import type { Warehouse } from './warehouse/warehouse.ts';

/** What a stage may work with. */
export interface Engines {
  bus: Bus;
  store: Store;
  warehouse: Warehouse;
  /** The configuration, folded out of the bus. */
  catalog: CatalogView;
}
export type Seam = keyof Engines;

/** Only what was asked for is open: reading anything else is a bug, and throws. */
export interface Backends extends Readonly<Engines> {
  /** For readiness: each rejects with the reason when it cannot work. */
  engines: { seam: Seam; name: string; check(): Promise<void> }[];
  close(): Promise<void>;
}

/**
 * Opens the engines of `needs`; a warehouse nobody asks is 400 MB of memory saved.
 * @throws an Error with one line when an engine cannot be opened; those already open are closed.
 */
export async function openBackends(
  config: Config,
  log: Log,
  metrics: Metrics,
  needs: ReadonlySet<Seam>,
  start: StartEvents = {},
): Promise<Backends> {
  const onError = (engine: string) => (error: unknown): void =>
    log.error('engine_error', { engine, error });
  const onWait = (engine: string) => (reason: string): void => {
    log.warn('engine_waited_for', { engine, reason });
    start.onWait?.(engine, reason);
  };
  const choices = chooseEngines(config, metrics, { onError, onWait, signal: start.signal });
  const opened = await openAll({
    ...((needs.has('bus') || needs.has('catalog')) && { bus: choices.bus }),
    ...(needs.has('store') && { store: choices.store }),
    ...(needs.has('warehouse') && { warehouse: choices.warehouse }),
  });
  const { bus, store, warehouse } = opened;
  const catalog = bus && needs.has('catalog')
    ? await followCatalog(bus, onError('catalog'))
    : undefined;
  if (bus) {
    metrics.gauge(
      'helios_queue_depth',
      'Records waiting on the bus',
      ['topic'],
      () => bus.depths().map(({ topic, waiting }) => ({ labels: { topic }, value: waiting })),
    );
  }
  // One question for all processes, asked where the last of the groups are.
  const lag = bus && warehouse && config.KAFKA_BROKERS.length > 0
    ? tellLag(config.KAFKA_BROKERS, topicNamesOf(config), metrics)
    : undefined;
  return {
    get bus() {
      return asked('bus', bus);
    },
    get store() {
      return asked('store', store);
    },
    get warehouse() {
      return asked('warehouse', warehouse);
    },
    get catalog() {
      return asked('catalog', catalog);
    },
    engines: (['bus', 'store', 'warehouse'] as const).flatMap((seam) => {
      const engine = opened[seam];
      if (!engine) return [];
      return [{ seam, name: `${seam} (${choices[seam].name})`, check: () => engine.check() }];
    }),
    async close() {
      await lag?.close();
      try {
        await catalog?.close();
        await bus?.close();
      } finally {
        await Promise.all([store?.close(), warehouse?.close()]);
      }
    },
  };
}

export interface StartEvents {
  /** Ends the waiting for an engine that is away: opening rejects. */
  signal?: AbortSignal;
  /** Why an engine is waited for. */
  onWait?(engine: string, reason: string): void;
}

/** Whether an engine that these needs lead to keeps files of its own. */
export function needsDataDir(config: Config, needs: ReadonlySet<Seam>): boolean {
  const embeddedBus = config.KAFKA_BROKERS.length === 0;
  return (embeddedBus && (needs.has('bus') || needs.has('catalog'))) ||
    (!config.REDIS_URL && needs.has('store')) || (!config.CLICKHOUSE_URL && needs.has('warehouse'));
}

type Opened = Omit<Engines, 'catalog'>;

/** An engine by its name in readiness, and how to open it. */
interface Choice<E> {
  name: string;
  open(): Promise<E>;
}
type Choices = { [S in keyof Opened]: Choice<Opened[S]> };

/** By the settings alone; nothing is opened yet. */
function chooseEngines(
  config: Config,
  metrics: Metrics,
  { onError, onWait, signal }: {
    onError: (engine: string) => (error: unknown) => void;
    onWait: (engine: string) => (reason: string) => void;
    signal: AbortSignal | undefined;
  },
): Choices {
  const { CLICKHOUSE_URL, REDIS_URL } = config;
  const inDataDir = (name: string): string => join(config.DATA_DIR, name);
  const dropped = metrics.counter('helios_dropped_total', 'Records a slow reader had no room for', [
    'topic',
  ]);
  return {
    bus: config.KAFKA_BROKERS.length > 0
      ? {
        name: 'kafka',
        open: () =>
          openKafkaBus(config, metrics, {
            onError: onError('bus'),
            onWait: onWait('bus (kafka)'),
            ...(signal && { signal }),
          }),
      }
      : {
        name: 'embedded',
        open: () =>
          createEmbeddedBus({
            path: inDataDir('journal.db'),
            partitions: config.PARTITIONS,
            onError: onError('bus'),
            onFatal: crash,
            onDrop: (topic, records) => dropped({ topic }).inc(records),
          }),
      },
    store: REDIS_URL
      ? {
        name: 'redis',
        open: () =>
          createRedisStore({ url: REDIS_URL, onError: onError('store'), onWait: onWait('store') }),
      }
      : {
        name: 'sqlite',
        open: async () =>
          createSqliteStore({ path: inDataDir('store.db'), onError: onError('store') }),
      },
    warehouse: CLICKHOUSE_URL
      ? {
        name: 'clickhouse',
        open: () =>
          createClickhouseWarehouse({ url: CLICKHOUSE_URL, onError: onError('warehouse') }),
      }
      : {
        name: 'chdb',
        open: () =>
          createChdbWarehouse({ path: inDataDir('warehouse'), onError: onError('warehouse') }),
      },
  };
}

/** All topics on Kafka, or all but those that stay in this process. */
async function openKafkaBus(
  config: Config,
  metrics: Metrics,
  events: Pick<KafkaBusOptions, 'onError' | 'onWait' | 'signal'>,
): Promise<Bus> {
  const { KAFKA_BROKERS: brokers, LOCAL_TOPICS } = config;
  const localTopics = new Set(LOCAL_TOPICS);
  const dead = metrics.counter(
    'helios_dead_letters_total',
    'Messages that could not be read and were put aside',
    ['topic'],
  );
  const clocks = new SenderClocks();
  metrics.gauge(
    'helios_clock_offset_seconds',
    'How far the clock of whoever sends is behind ours, where that is corrected',
    [],
    () => [{ labels: {}, value: clocks.worstMs(Date.now()) / 1_000 }],
  );
  // Bound before the first: an increase is seen only by who has seen what was before.
  const deadOf = new Map(TOPIC_NAMES.map((topic) => [topic, dead({ topic })]));
  const shared = await createKafkaBus({
    ...events,
    clocks,
    brokers,
    names: topicNamesOf(config),
    topics: TOPIC_NAMES.filter((topic) => !localTopics.has(topic)),
    clientId: `helios-${hostname()}-${process.pid}`,
    onDeadLetter: (topic) => deadOf.get(topic)?.inc(),
    traceHeaders: config.OTEL_EXPORTER_OTLP_ENDPOINT !== undefined,
  });
  if (localTopics.size === 0) return shared;
  const { onError } = events;
  const local = await createEmbeddedBus({ partitions: shared.partitions, onError });
  return createSplitBus({ local, shared, localTopics, onError });
}

/** Opens all at once; when one fails the others are closed again and its error is thrown. */
async function openAll(choices: Partial<Choices>): Promise<Partial<Opened>> {
  const seams = Object.keys(choices) as (keyof Opened)[];
  const results = await Promise.allSettled(seams.map((seam) => choices[seam]!.open()));
  const failed = results.find((result) => result.status === 'rejected');
  if (failed) {
    for (const result of results) if (result.status === 'fulfilled') await result.value.close();
    throw failed.reason;
  }
  const engines = results.map((result) => (result as PromiseFulfilledResult<unknown>).value);
  return Object.fromEntries(seams.map((seam, i) => [seam, engines[i]]));
}

function asked<E>(seam: Seam, engine: E | undefined): E {
  if (engine === undefined) throw new Error(`Cannot use the ${seam}: no hosted stage asked for it`);
  return engine;
}
