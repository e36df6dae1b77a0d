/**
 * One process of the control: what any three stages over Kafka cost that pass messages of our sizes
 * and do nothing else. Client, waits and pauses are those of the exchange's bus. The argument is a
 * {@link ControlOrder} as JSON; it prints its port (0 without a door) when it reads, and ends with
 * SIGTERM.
 *
 *     HTTP → door → requests → bidding → responses → auction → outcomes → door → HTTP
 *                                                          └→ details
 */
import { Buffer } from 'node:buffer';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import process from 'node:process';
import type { ReadOptions } from '#shared/bus/bus.ts';
import { createKafkaClient } from '#shared/bus/kafka-client.ts';
import { createConsumer, runPaced } from '#shared/bus/kafka-consumer.ts';
import { BULK_PACE_MS, FIRST_PACE_MS, PACE_MS } from '#shared/bus/kafka-paces.ts';
import { Pace } from '#shared/model/pace.ts';
import type { ControlOrder } from './control.ts';

const ANSWER_MS_MAX = 300;
const SESSION_MS = 10_000;
const ACK_MS_MAX = 5_000;
const RECORDS_MAX = 1_000;
const FRAMING_BYTES = 35;
/** Of the size of a small answer. */
const ANSWER = Buffer.alloc(600, ' ');
const LEADER = 1;
const ALL = -1;

const order = JSON.parse(process.argv[2]!) as ControlOrder;
const { topics, sizes, partitions, prefix } = order;
const clientId = `control-${order.role}`;
const kafka = createKafkaClient({ brokers: order.brokers, clientId, retries: 5, onNote() {} });
const everyPartition = Array.from({ length: partitions }, (_, partition) => partition);

interface Message {
  partition: number;
  key: Buffer | null;
}

const starts = { door: startDoor, bidding: startBidding, auction: startAuction };
const port = await starts[order.role]();
process.once('SIGTERM', () => process.exit(0));
process.stdout.write(`${port}\n`);

async function startDoor(): Promise<number> {
  const publish = await publisher(topics.requests, sizes.requests, LEADER, FIRST_PACE_MS);
  const waiting = new Map<string, { response: ServerResponse; timer: NodeJS.Timeout }>();
  const answer = (id: string, status: number): void => {
    const found = waiting.get(id);
    if (!found) return;
    waiting.delete(id);
    clearTimeout(found.timer);
    found.response.writeHead(status, { 'content-length': ANSWER.length }).end(ANSWER);
  };
  const slice: ReadOptions = { as: 'slice', partitions: everyPartition, from: 'end' };
  await read(topics.outcomes, slice, ({ key }) => answer(key!.toString(), 200));
  let sequence = 0;
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      const id = `${prefix}-${sequence++}-of-the-control`;
      const timer = setTimeout(() => answer(id, 503), ANSWER_MS_MAX);
      waiting.set(id, { response, timer });
      publish({ partition: sequence % partitions, key: Buffer.from(id) });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

async function startBidding(): Promise<number> {
  const publish = await publisher(topics.responses, sizes.responses, LEADER);
  const group: ReadOptions = { as: 'group', group: `${prefix}-bidding`, from: 'end' };
  await read(topics.requests, group, publish);
  return 0;
}

async function startAuction(): Promise<number> {
  const publish = await publisher(topics.outcomes, sizes.outcomes, ALL);
  const explain = await publisher(topics.details, sizes.details, LEADER, BULK_PACE_MS);
  const group: ReadOptions = { as: 'group', group: `${prefix}-auction`, from: 'end' };
  await read(topics.responses, group, (message) => {
    publish(message);
    explain(message);
  });
  return 0;
}

/** Resolves when it has its partitions. */
async function read(
  topic: string,
  options: ReadOptions,
  each: (message: Message) => void,
): Promise<void> {
  const groupId = options.as === 'group' ? options.group : `${prefix}-door`;
  const consumer = createConsumer(groupId, {
    kafka,
    options,
    partitions: everyPartition,
    sessionMs: SESSION_MS,
  });
  const joined = new Promise((resolve) => consumer.on(consumer.events.GROUP_JOIN, resolve));
  await consumer.connect();
  await consumer.subscribe({ topics: [topic], fromBeginning: false });
  await runPaced(consumer, ({ partition, messages }) => {
    for (const { key } of messages) each({ partition, key });
  });
  await joined;
}

/** One request under way; what comes meanwhile goes with the next, as in kafka-publisher.ts. */
async function publisher(
  topic: string,
  size: number,
  acks: number,
  paceMs = PACE_MS,
): Promise<(message: Message) => void> {
  const producer = kafka.producer({
    allowAutoTopicCreation: false,
    createPartitioner: () => ({ message }) => message.partition!,
  });
  await producer.connect();
  const pace = new Pace(paceMs);
  // Key and framing of a record are part of its size on the broker.
  const value = Buffer.alloc(Math.max(0, size - FRAMING_BYTES), 'x');
  const waiting: (Message & { value: Buffer })[] = [];
  let busy = false;
  const send = async (): Promise<void> => {
    while (waiting.length > 0) {
      await pace.step();
      const messages = waiting.splice(0, RECORDS_MAX);
      await producer.send({ topic, messages, acks, timeout: ACK_MS_MAX });
    }
    busy = false;
  };
  return (message) => {
    waiting.push({ ...message, value });
    if (busy) return;
    busy = true;
    setImmediate(() => void send());
  };
}
