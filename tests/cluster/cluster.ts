/** A cluster under test: the processes of `npm run cluster`, on topics and a warehouse of its own. */
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openKafkaAdmin } from '#shared/bus/kafka-admin.ts';
import { TOPIC_NAMES, type TopicNames } from '#shared/bus/kafka-topics.ts';
import { type RuntimeName, runtimeName } from '#shared/runtime/runtime.ts';
import { planCluster, PORTS_EACH } from '../../scripts/cluster/plan.ts';
import { type Cluster, startCluster } from '../../scripts/cluster/start-cluster.ts';
import { freePorts } from '../../scripts/engines/free-ports.ts';
import type { Outage } from './facts.ts';
import type { Door } from './load.ts';
import { patiently } from './patiently.ts';

export interface TestClusterOptions {
  /** `host:port` each. */
  brokers: readonly string[];
  redisUrl: string;
  /** Gateway, bidding and auction together in each of two nodes. */
  fused?: boolean;
  /** Copies of each record. */
  replication?: number;
  runtimes?: readonly RuntimeName[];
}

const PARTITIONS = 4;
const GATEWAYS = 2;
const PROCESSES_MAX = 20;
/** A dozen processes start cold on two cores, which may be busy. */
const READY_MS = 240_000;
const LOOK_MS = 100;
const LOG_CHARACTERS = 3_000;

export class TestCluster {
  readonly names: TopicNames;
  readonly clickhouse: string;
  readonly requestsAreLocal: boolean;
  readonly brokers: readonly string[];
  /** Of every gateway. */
  readonly doors: readonly Door[];
  readonly outages: Outage[] = [];
  readonly #cluster: Cluster;
  readonly #dir: string;

  /** Resolves when all members are ready; when one is not, the others are ended. */
  static async start(options: TestClusterOptions): Promise<TestCluster> {
    const names = await makeTopics(options.brokers, options.replication ?? 1);
    const dir = mkdtempSync(join(tmpdir(), 'helios-cluster-'));
    const test = new TestCluster(options, names, dir, {
      gateways: await freePorts(GATEWAYS),
      others: await freePorts(PORTS_EACH * PROCESSES_MAX),
    });
    try {
      await test.#cluster.ready(READY_MS);
    } catch (error) {
      const output = test.output();
      await test.stop();
      throw new Error(`${(error as Error).message}\n${output}`);
    }
    return test;
  }

  private constructor(
    { brokers, redisUrl, fused = false, runtimes = [runtimeName] }: TestClusterOptions,
    names: TopicNames,
    dir: string,
    ports: { gateways: number[]; others: number[] },
  ) {
    const plan = planCluster({
      kafkaBrokers: brokers.join(','),
      redisUrl,
      clickhouse: { token: randomBytes(24).toString('base64url') },
      gatewayPorts: ports.gateways,
      freePorts: ports.others,
      runtimes,
      dataDir: dir,
      fused,
      counts: { profile: 1 },
      env: {
        LOG_LEVEL: 'warn',
        ...Object.fromEntries(
          TOPIC_NAMES.map((topic) => [`KAFKA_TOPIC_${topic.toUpperCase()}`, names[topic]]),
        ),
      },
    });
    // Pages take no part in auctions.
    const processes = plan.processes.filter(({ role }) => role !== 'web');
    this.names = names;
    this.brokers = brokers;
    this.clickhouse = plan.clickhouseUrl;
    this.requestsAreLocal = fused;
    this.doors = processes.filter(({ role }) => role === 'gateway' || role === 'node')
      .map(({ name, url }) => ({ name, url, open: true }));
    this.#dir = dir;
    this.#cluster = startCluster({ ...plan, processes }, { logDir: join(dir, 'logs') });
  }

  /** `kill -9`; resolves when it is dead. It is started again a second later. */
  async kill(name: string): Promise<void> {
    this.#shut(name);
    await this.#cluster.kill(name, 'SIGKILL');
  }

  /** Ends it in order; it stays away. */
  async leave(name: string): Promise<void> {
    this.#shut(name);
    await this.#cluster.byName(name).stop();
  }

  join(name: string): void {
    this.#cluster.byName(name).start();
  }

  /** Holds it still, or lets it go on. */
  freeze(name: string, still: boolean): Promise<void> {
    return this.#cluster.kill(name, still ? 'SIGSTOP' : 'SIGCONT');
  }

  /** Resolves when it is ready. */
  async back(name: string): Promise<void> {
    const one = this.#cluster.byName(name);
    const giveUpMs = performance.now() + READY_MS;
    while (one.state.kind !== 'ready') {
      if (performance.now() > giveUpMs) throw new Error(`${name} is not back\n${this.output()}`);
      await sleep(LOOK_MS);
    }
    const door = this.doors.find((other) => other.name === name);
    if (!door || door.open) return;
    door.open = true;
    this.outages.findLast((outage) => outage.door === name)!.to = Date.now();
  }

  /** Resolves when all are ready. */
  async ready(): Promise<void> {
    for (const { plan } of this.#cluster.processes) await this.back(plan.name);
  }

  /** All of them, and where each tells its metrics. */
  get processes(): { name: string; metricsUrl: string }[] {
    return this.#cluster.processes.map(({ plan: { name, metricsUrl } }) => ({ name, metricsUrl }));
  }

  /** The end of what each has printed, for a person who looks for a cause. */
  output(): string {
    return this.#cluster.processes.map(({ plan, state, logFile }) => {
      const text = readFileSync(logFile, 'utf8').slice(-LOG_CHARACTERS);
      return `--- ${plan.name} ${JSON.stringify(state)}\n${text}`;
    }).join('\n');
  }

  async stop(): Promise<void> {
    await Promise.all(
      this.#cluster.processes.map(async (one) => {
        const stopped = one.stop();
        await one.kill('SIGKILL');
        await stopped;
      }),
    );
    rmSync(this.#dir, { recursive: true, force: true, maxRetries: 5 });
  }

  #shut(name: string): void {
    const door = this.doors.find((one) => one.name === name);
    if (!door) return;
    door.open = false;
    this.outages.push({ door: name, from: Date.now(), to: Infinity });
  }
}

/** Topics of its own, so that clusters can share a broker. */
async function makeTopics(brokers: readonly string[], replication: number): Promise<TopicNames> {
  const prefix = `test-${randomUUID().slice(0, 8)}`;
  const names = Object.fromEntries(
    TOPIC_NAMES.map((topic) => [topic, `${prefix}.${topic}`]),
  ) as TopicNames;
  const admin = await patiently(() => openKafkaAdmin(brokers));
  try {
    // Again, it makes what is missing.
    await patiently(() => admin.create(names, { partitions: PARTITIONS, replication }));
  } finally {
    await admin.close();
  }
  return names;
}
