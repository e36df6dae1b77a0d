import { expect, test } from 'vitest';
import { parseConfig } from '#shared/config.ts';
import { chooseStages } from './stage-choice.ts';

const KAFKA = { KAFKA_BROKERS: '127.0.0.1:9092', USER_PROFILE_SVC_ADDR: '127.0.0.1:50051' };

test.each(['bid_requests', 'bid_responses'])(
  'a node of which only %s stays in the process is refused before it waits for Kafka',
  (topic) => {
    const config = parseConfig({ ...KAFKA, LOCAL_TOPICS: topic });
    expect(() => chooseStages(['gateway', 'bidding', 'auction'], config)).toThrow(
      `LOCAL_TOPICS="${topic}": allowed is both bid_requests and bid_responses, or neither, where ` +
        'auction is hosted: it reads them together',
    );
  },
);

test('a node may keep both in the process, or none', () => {
  const stages = ['gateway', 'bidding', 'auction'];
  for (const LOCAL_TOPICS of ['bid_requests,bid_responses', '']) {
    expect(chooseStages(stages, parseConfig({ ...KAFKA, LOCAL_TOPICS }))).toEqual(stages);
  }
});
