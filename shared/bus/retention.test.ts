import { expect, test } from 'vitest';
import { message } from './contract.ts';
import { makeTopics } from './embedded-topics.ts';
import { openJournal } from './journal.ts';
import { retain } from './retention.ts';

const HOUR_MS = 3_600_000;

test('retain() deletes as many batches a second as can be appended', async () => {
  const journal = await openJournal(':memory:', 1, (error) => expect.fail(String(error)));
  const { auction_outcomes: topic } = makeTopics(journal.partitions, 0);
  for (let offset = 0; offset < 3_000; offset++) {
    const { value } = message('auction_outcomes', 0, `a${offset}`);
    journal.append(0, [['auction_outcomes', [{ partition: 0, offset, value }]]]);
  }
  topic.synced[0] = 3_000;
  await retain([topic], journal, 25 * HOUR_MS);
  // The newest stays, as it holds the next offset.
  const ends = await journal.call({ op: 'ends', topics: ['auction_outcomes'] });
  expect(ends).toMatchObject([{ start: 2_999, end: 3_000 }]);
  await journal.close();
});
