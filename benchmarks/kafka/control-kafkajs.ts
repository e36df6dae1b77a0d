/** kafkajs as it comes, with its defaults, used as its documentation does: `eachBatch`, `send` of a list. */
import { Kafka, logLevel } from 'kafkajs';
import { connectProducer, type ControlClient, gathered, startReading } from './control-client.ts';
import type { ControlOrder } from './control.ts';

export function connect({ brokers, role, topics, prefix }: ControlOrder): ControlClient {
  const kafka = new Kafka({ brokers, clientId: `${prefix}-${role}`, logLevel: logLevel.NOTHING });
  return {
    async read(topic, group, each) {
      const consumer = kafka.consumer({
        groupId: group ?? `${prefix}-${role}`,
        allowAutoTopicCreation: false,
      });
      await startReading(consumer, topic, () =>
        consumer.run({
          // The exchange keeps its places itself: so much less for the control to do.
          autoCommit: false,
          eachBatch: async ({ batch: { partition, messages } }) => {
            for (const { key } of messages) each({ partition, key });
          },
        }));
    },
    async publisher(name, acks) {
      const producer = await connectProducer(kafka);
      return gathered((messages) => producer.send({ topic: topics[name], messages, acks }));
    },
  };
}
