/** A control's three processes, seen from the benchmark; `control-stage.ts` says what they do. */
import { createKafkaClient } from '#shared/bus/kafka-client.ts';
import path from 'node:path';
import readline from 'node:readline';
import { runtimeName } from '#shared/runtime/runtime.ts';
import { Child } from '../../scripts/load/child.ts';
import { runtimeCommand } from '../../scripts/load/runtime-command.ts';
import type { Metered } from './meters.ts';
import { COUNTING, type Site } from './site.ts';

/** Bytes of one message on its topic. */
export interface MessageSizes {
  requests: number;
  responses: number;
  outcomes: number;
  details: number;
}

/** kafkajs as it comes, or as the exchange's bus has it. */
export type ControlClientName = 'kafkajs' | 'own';

export interface ControlOrder {
  client: ControlClientName;
  role: 'door' | 'bidding' | 'auction';
  brokers: string[];
  topics: Record<keyof MessageSizes, string>;
  sizes: MessageSizes;
  partitions: number;
  prefix: string;
}

export interface Control {
  port: number;
  processes: Metered[];
  stop(): Promise<void>;
}

/** Of topics, groups and processes. */
const PREFIXES: Record<ControlClientName, string> = { kafkajs: 'control', own: 'own-control' };
const ROLES = ['auction', 'bidding', 'door'] as const;

export async function startControl(
  site: Site,
  client: ControlClientName,
  sizes: MessageSizes,
  partitions: number,
): Promise<Control> {
  const prefix = PREFIXES[client];
  const topics = {
    requests: `${prefix}_requests`,
    responses: `${prefix}_responses`,
    outcomes: `${prefix}_outcomes`,
    details: `${prefix}_details`,
  };
  const brokers = site.kafka.addresses;
  await createTopics(brokers, Object.values(topics), partitions);
  const children: Child[] = [];
  const stop = async () => void await Promise.all(children.map((child) => child.stop()));
  const processes: Metered[] = [];
  let port = 0;
  try {
    // From the end of the pipeline: who reads from the end must be there before who writes.
    for (const role of ROLES) {
      const order: ControlOrder = { client, role, brokers, topics, sizes, partitions, prefix };
      const counts = path.join(site.folder(`${prefix}-${role}`), 'counts.json');
      const command = runtimeCommand(runtimeName, 'benchmarks/kafka/control-stage.ts', COUNTING);
      const child = new Child([...command, JSON.stringify(order)], {
        env: { BENCH_KAFKA_COUNTS: counts, BENCH_KAFKA_CLIENT: client },
        output: 'pipe',
      });
      children.push(child);
      port = await firstLine(child);
      processes.push({ name: `${prefix} ${role}`, part: 'path', pid: child.pid, counts });
    }
  } catch (error) {
    await stop();
    throw error;
  }
  return { port, processes: processes.toReversed(), stop };
}

async function firstLine(child: Child): Promise<number> {
  for await (const line of readline.createInterface({ input: child.process.stdout! })) {
    return Number(line);
  }
  throw new Error(
    `Cannot start the control: ${await child.ended}\n${child.lastLines.join('\n')}`,
  );
}

async function createTopics(
  brokers: string[],
  names: readonly string[],
  partitions: number,
): Promise<void> {
  const clientId = 'helios-benchmark';
  const admin = createKafkaClient({ brokers, clientId, retries: 5, onNote() {} }).admin();
  await admin.connect();
  const topics = names.map((topic) => ({ topic, numPartitions: partitions, replicationFactor: 1 }));
  await admin.createTopics({ topics, waitForLeaders: true });
  await admin.disconnect();
}
