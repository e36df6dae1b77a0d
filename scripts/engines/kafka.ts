/** A real Apache Kafka for tests: one or three KRaft nodes on free ports of 127.0.0.1. */
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EngineNode, EngineProcess } from './engine-process.ts';
import { freePorts } from './free-ports.ts';
import { brokerIds } from './kafka-brokers.ts';
import { kafkaJars } from './kafka-jars.ts';
import { lastLines, runTool } from './run-tool.ts';

export interface KafkaOptions {
  /** Three replicate each record, and two are enough to write. Default 1. */
  brokers?: 1 | 3;
  /** The data, removed by stop(); default a temporary folder. */
  dir?: string;
  /** More of `server.properties`, or others than the ones below. */
  settings?: Record<string, string | number>;
}

export interface RunningKafka {
  /** Of all brokers: `127.0.0.1:port`. */
  addresses: string[];
  /** From 0. */
  broker(index: number): EngineNode;
  /** Ends all and removes the data. */
  stop(): Promise<void>;
}

/** Resolves when each broker answers and knows all others. */
export async function startKafka(options: KafkaOptions = {}): Promise<RunningKafka> {
  const { brokers = 1, settings = {} } = options;
  const { java, classPath } = await kafkaJars();
  const dir = options.dir ?? mkdtempSync(join(tmpdir(), 'helios-kafka-'));
  const ports = await freePorts(2 * brokers);
  const cluster = { ids: ids(brokers), ports, dir, settings, java: [java, '-cp', classPath] };
  const nodes = cluster.ids.map((id) => makeNode(id, cluster));
  const stop = async () => {
    await Promise.all(nodes.map((node) => node.kill()));
    rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    await format(cluster);
    await Promise.all(nodes.map((node) => node.start()));
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    addresses: nodes.map(({ address }) => address),
    broker: (index) => nodes[index]!,
    stop,
  };
}

interface Cluster {
  ids: number[];
  /** A port for clients and one for controllers of each. */
  ports: number[];
  dir: string;
  settings: Record<string, string | number>;
  /** The program and its class path. */
  java: string[];
}

/**
 * A broker of tests is small: three of them fit beside the exchange. It lives for minutes, in which the
 * second compiler of the JVM would take a fifth of its processor time, at the moments it likes.
 */
const JVM = ['-Xms128m', '-Xmx384m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];
const LOG_LEVEL = '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn';

function makeNode(id: number, cluster: Cluster): EngineProcess {
  const port = clientPort(id, cluster);
  const [java, ...classPath] = cluster.java as [string, ...string[]];
  // All must know each other before tests begin; after a restart its own word is enough.
  let known = cluster.ids.length;
  return new EngineProcess({
    name: `kafka-${id}`,
    address: `127.0.0.1:${port}`,
    command: [java, ...JVM, LOG_LEVEL, ...classPath, 'kafka.Kafka', propertiesFile(id, cluster)],
    dir: cluster.dir,
    ready: async () => {
      const alive = await brokerIds(port);
      if (alive.length < known || !alive.includes(id)) return false;
      known = 1;
      return true;
    },
  });
}

async function format(cluster: Cluster): Promise<void> {
  mkdirSync(cluster.dir, { recursive: true });
  const clusterId = randomBytes(16).toString('base64url');
  const [java, ...classPath] = cluster.java as [string, ...string[]];
  await Promise.all(cluster.ids.map(async (id) => {
    const file = propertiesFile(id, cluster);
    const lines = Object.entries(properties(id, cluster)).map(([name, value]) =>
      `${name}=${value}\n`
    );
    writeFileSync(file, lines.join(''));
    // In one word: one id in sixty-four begins with a dash, and would be taken for an option.
    const args = ['kafka.tools.StorageTool', 'format', `--cluster-id=${clusterId}`, '-c', file];
    const { code, output } = await runTool(java, ['-Xmx128m', LOG_LEVEL, ...classPath, ...args]);
    if (code !== 0) throw new Error(`Cannot format Kafka's storage:\n${lastLines(output)}`);
  }));
}

function properties(id: number, cluster: Cluster): Record<string, string | number> {
  const count = cluster.ids.length;
  const enough = Math.min(count, 2);
  return {
    'process.roles': 'broker,controller',
    'node.id': id,
    'controller.quorum.voters': cluster.ids.map((other) =>
      `${other}@127.0.0.1:${controllerPort(other, cluster)}`
    ).join(','),
    'listeners': `PLAINTEXT://127.0.0.1:${clientPort(id, cluster)},CONTROLLER://127.0.0.1:${
      controllerPort(id, cluster)
    }`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${clientPort(id, cluster)}`,
    'controller.listener.names': 'CONTROLLER',
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'log.dirs': join(cluster.dir, `data-${id}`),
    'auto.create.topics.enable': 'false',
    'default.replication.factor': count,
    'min.insync.replicas': enough,
    'offsets.topic.replication.factor': count,
    'offsets.topic.num.partitions': 4,
    'transaction.state.log.replication.factor': count,
    'transaction.state.log.min.isr': enough,
    'share.coordinator.state.topic.replication.factor': count,
    'share.coordinator.state.topic.min.isr': enough,
    // Tests lose members and brokers on purpose: what waits minutes elsewhere waits a second here.
    'group.initial.rebalance.delay.ms': 0,
    'group.min.session.timeout.ms': 1_000,
    'broker.session.timeout.ms': 3_000,
    'broker.heartbeat.interval.ms': 500,
    'replica.lag.time.max.ms': 5_000,
    'controller.quorum.election.timeout.ms': 500,
    'controller.quorum.fetch.timeout.ms': 1_000,
    // 128 MB by default, a third of the heap.
    'log.cleaner.dedupe.buffer.size': 8 * 1024 * 1024,
    ...cluster.settings,
  };
}

function ids(brokers: number): number[] {
  return Array.from({ length: brokers }, (_, index) => index + 1);
}

function clientPort(id: number, { ports }: Cluster): number {
  return ports[2 * (id - 1)]!;
}

function controllerPort(id: number, { ports }: Cluster): number {
  return ports[2 * (id - 1) + 1]!;
}

function propertiesFile(id: number, { dir }: Cluster): string {
  return join(dir, `kafka-${id}.properties`);
}
