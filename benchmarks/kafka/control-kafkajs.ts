/** kafkajs as it comes, with its defaults, used as its documentation does: `eachBatch`, `send` of a list. */
import { Kafka, logLevel } from 'kafkajs';
import { type ControlClient, gathered } from './control-client.ts';
import type { ControlOrder } from './control.ts';

export function connect({ brokers, role, topics, prefix }: ControlOrder): ControlClient {
  const kafka = new Kafka({ brokers, clientId: `${prefix}-${role}`, logLevel: logLevel.NOTHING });
  return {
    async read(topic, group, each) {
      const consumer = kafka.consumer({
        groupId: group ?? `${prefix}-${role}`,
        allowAutoTopicCreation: false,
      });
      const joined = new Promise((resolve) => consumer.on(consumer.events.GROUP_JOIN, resolve));
      await consumer.connect();
      await consumer.subscribe({ topics: [topic], fromBeginning: false });
      await consumer.run({
        // The exchange keeps its places itself: so much less for the control to do.
        autoCommit: false,
        eachBatch: async ({ batch: { partition, messages } }) => {
          for (const { key } of messages) each({ partition, key });
        },
      });
      await joined;
    },
    async publisher(name, acks) {
      const producer = kafka.producer({
        allowAutoTopicCreation: false,
        createPartitioner: () => ({ message }) => message.partition!,
      });
      await producer.connect();
      return gathered((messages) => producer.send({ topic: topics[name], messages, acks }));
    },
  };
}
