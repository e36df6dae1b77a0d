/** What the stages of a control need of a client, and what two clients have in common. */
import type { Buffer } from 'node:buffer';
import type { createKafkaClient } from '#shared/bus/kafka-client.ts';
import type { ControlOrder } from './control.ts';

/** Of kafkajs. Types only: its module is loaded mended or not, see `control-stage.ts`. */
type Kafka = ReturnType<typeof createKafkaClient>;
type Consumer = ReturnType<Kafka['consumer']>;
type Producer = ReturnType<Kafka['producer']>;

export interface ControlMessage {
  partition: number;
  key: Buffer | null;
  value: Buffer;
}

export interface ControlClient {
  /**
   * Resolves when it has its partitions.
   * @param group undefined: all partitions, for this process alone
   */
  read(
    topic: string,
    group: string | undefined,
    each: (message: Omit<ControlMessage, 'value'>) => void,
  ): Promise<void>;
  publisher(
    topic: keyof ControlOrder['topics'],
    acks: number,
  ): Promise<(message: ControlMessage) => void>;
}

/** Resolves when the consumer has its partitions. */
export async function startReading(
  consumer: Consumer,
  topic: string,
  run: () => Promise<void>,
): Promise<void> {
  const joined = new Promise((resolve) => consumer.on(consumer.events.GROUP_JOIN, resolve));
  await consumer.connect();
  await consumer.subscribe({ topics: [topic], fromBeginning: false });
  await run();
  await joined;
}

/** Messages name their partitions. */
export async function connectProducer(kafka: Kafka): Promise<Producer> {
  const producer = kafka.producer({
    allowAutoTopicCreation: false,
    createPartitioner: () => ({ message }) => message.partition!,
  });
  await producer.connect();
  return producer;
}

const RECORDS_MAX = 1_000;

/** One request under way; what comes meanwhile goes with the next. */
export function gathered(
  send: (messages: ControlMessage[]) => Promise<unknown>,
  wait: () => Promise<void> | undefined = () => undefined,
): (message: ControlMessage) => void {
  const waiting: ControlMessage[] = [];
  let busy = false;
  const sendAll = async (): Promise<void> => {
    while (waiting.length > 0) {
      await wait();
      await send(waiting.splice(0, RECORDS_MAX));
    }
    busy = false;
  };
  return (message) => {
    waiting.push(message);
    if (busy) return;
    busy = true;
    setImmediate(() => void sendAll());
  };
}
