/**
 * One process of a control: what any three stages over Kafka cost that pass messages of our sizes and do
 * nothing else. The argument is a {@link ControlOrder} as JSON; it prints its port (0 without a door) when
 * it reads, and ends with SIGTERM.
 *
 *     HTTP → door → requests → bidding → responses → auction → outcomes → door → HTTP
 *                                                          └→ details
 */
import { Buffer } from 'node:buffer';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import process from 'node:process';
import type { ControlClient } from './control-client.ts';
import type { ControlOrder } from './control.ts';

const ANSWER_MS_MAX = 300;
const FRAMING_BYTES = 35;
/** Of the size of a small answer. */
const ANSWER = Buffer.alloc(600, ' ');
const LEADER = 1;
const ALL = -1;

const order = JSON.parse(process.argv[2]!) as ControlOrder;
const { topics, sizes, prefix } = order;
// Not both: the exchange's own client changes kafkajs for the whole process.
const { connect } = order.client === 'kafkajs'
  ? await import('./control-kafkajs.ts')
  : await import('./control-own-client.ts');
const client: ControlClient = connect(order);

const starts = { door: startDoor, bidding: startBidding, auction: startAuction };
const port = await starts[order.role]();
process.once('SIGTERM', () => process.exit(0));
process.stdout.write(`${port}\n`);

async function startDoor(): Promise<number> {
  const publish = await publisher('requests', LEADER);
  const waiting = new Map<string, { response: ServerResponse; timer: NodeJS.Timeout }>();
  const answer = (id: string, status: number): void => {
    const found = waiting.get(id);
    if (!found) return;
    waiting.delete(id);
    clearTimeout(found.timer);
    found.response.writeHead(status, { 'content-length': ANSWER.length }).end(ANSWER);
  };
  await client.read(topics.outcomes, undefined, ({ key }) => answer(key!.toString(), 200));
  let sequence = 0;
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      const id = `${prefix}-${sequence++}-of-the-control`;
      const timer = setTimeout(() => answer(id, 503), ANSWER_MS_MAX);
      waiting.set(id, { response, timer });
      publish({ partition: sequence % order.partitions, key: Buffer.from(id) });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

async function startBidding(): Promise<number> {
  const publish = await publisher('responses', LEADER);
  await client.read(topics.requests, `${prefix}-bidding`, publish);
  return 0;
}

async function startAuction(): Promise<number> {
  const publish = await publisher('outcomes', ALL);
  const explain = await publisher('details', LEADER);
  await client.read(topics.responses, `${prefix}-auction`, (message) => {
    publish(message);
    explain(message);
  });
  return 0;
}

type Passed = Parameters<Parameters<ControlClient['read']>[2]>[0];

/** Passes messages on, each with a value of the size that the exchange's have on this topic. */
async function publisher(
  topic: keyof ControlOrder['topics'],
  acks: number,
): Promise<(message: Passed) => void> {
  const send = await client.publisher(topic, acks);
  // Key and framing of a record are part of its size on the broker.
  const value = Buffer.alloc(Math.max(0, sizes[topic] - FRAMING_BYTES), 'x');
  return ({ partition, key }) => send({ partition, key, value });
}
