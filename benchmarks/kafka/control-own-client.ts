/** The client of the exchange's bus: kafkajs as `kafka-library.ts` mends it, with its waits and pauses. */
import type { ReadOptions } from '#shared/bus/bus.ts';
import { createKafkaClient } from '#shared/bus/kafka-client.ts';
import { createConsumer, runPaced } from '#shared/bus/kafka-consumer.ts';
import { BULK_PACE_MS, FIRST_PACE_MS, PACE_MS } from '#shared/bus/kafka-paces.ts';
import { Pace } from '#shared/model/pace.ts';
import { connectProducer, type ControlClient, gathered, startReading } from './control-client.ts';
import type { ControlOrder } from './control.ts';

const SESSION_MS = 10_000;
const ACK_MS_MAX = 5_000;
const PACES_MS = {
  requests: FIRST_PACE_MS,
  responses: PACE_MS,
  outcomes: PACE_MS,
  details: BULK_PACE_MS,
};

export function connect(order: ControlOrder): ControlClient {
  const { brokers, role, topics, prefix } = order;
  const clientId = `${prefix}-${role}`;
  const kafka = createKafkaClient({ brokers, clientId, retries: 5, onNote() {} });
  const partitions = Array.from({ length: order.partitions }, (_, partition) => partition);
  return {
    async read(topic, group, each) {
      const options: ReadOptions = group === undefined
        ? { as: 'slice', partitions, from: 'end' }
        : { as: 'group', group, from: 'end' };
      const setup = { kafka, options, partitions, sessionMs: SESSION_MS };
      const consumer = createConsumer(group ?? clientId, setup);
      await startReading(consumer, topic, () =>
        runPaced(consumer, ({ partition, messages }) => {
          for (const { key } of messages) each({ partition, key });
        }));
    },
    async publisher(name, acks) {
      const producer = await connectProducer(kafka);
      const pace = new Pace(PACES_MS[name]);
      return gathered(
        (messages) => producer.send({ topic: topics[name], messages, acks, timeout: ACK_MS_MAX }),
        () => pace.step(),
      );
    },
  };
}
