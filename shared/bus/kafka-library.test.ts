import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import './kafka-library.ts';

const load = createRequire(import.meta.url);
const { prototype } = load('kafkajs/src/cluster/brokerPool') as {
  prototype: {
    withBroker(
      this: {
        brokers: Record<string, object>;
        findBroker(of: { nodeId: string }): Promise<string>;
      },
      ask: (of: { broker: string }) => Promise<string>,
    ): Promise<string>;
  };
};

/** Many times, as each begins with any broker. */
async function answers(
  asked: (nodeId: string) => string | Error,
  connected: (nodeId: string) => boolean,
): Promise<Set<string>> {
  const pool = {
    brokers: { 1: {}, 2: {}, 3: {} },
    findBroker: ({ nodeId }: { nodeId: string }) =>
      connected(nodeId) ? Promise.resolve(nodeId) : Promise.reject(new Error(`${nodeId} is away`)),
  };
  const seen = new Set<string>();
  for (let times = 0; times < 100; times++) {
    const answer = prototype.withBroker.call(pool, async ({ broker }) => {
      const told = asked(broker);
      if (typeof told === 'string') return told;
      throw told;
    });
    seen.add(await answer.catch(({ message }: Error) => message));
  }
  return seen;
}

test('withBroker() passes over a broker that is away, and one that answers with an error', async () => {
  const one = (nodeId: string) => nodeId === '1' ? 'fine' : new Error('refused');
  expect(await answers(one, (nodeId) => nodeId !== '3')).toEqual(new Set(['fine']));
});

test('withBroker() tells what was wrong where no broker can answer', async () => {
  const refused = () => new Error('refused');
  expect(await answers(refused, () => true)).toEqual(new Set(['refused']));
  const away = new Set(['1 is away', '2 is away', '3 is away']);
  expect(await answers(refused, () => false)).toEqual(away);
});
