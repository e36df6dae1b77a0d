import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Mailbox } from './mailbox.ts';

function scene() {
  const mailbox = new Mailbox<number>();
  const got: number[] = [];
  const ended = (async () => {
    for await (const one of mailbox) {
      got.push(one);
      await sleep(1);
    }
  })();
  ended.catch(() => {});
  return { mailbox, got, ended };
}

describe('Mailbox', () => {
  it('gives what is pushed in its order, also what comes while one is being read', async () => {
    const { mailbox, got, ended } = scene();
    mailbox.push(1, 2);
    await sleep(1);
    mailbox.push(3);
    mailbox.end();
    await ended;
    expect(got).toEqual([1, 2, 3]);
  });

  it('ends with the error, after what was pushed before', async () => {
    const { mailbox, got, ended } = scene();
    mailbox.push(1);
    mailbox.fail(new Error('gone'));
    mailbox.end();
    await expect(ended).rejects.toThrow('gone');
    expect(got).toEqual([1]);
  });
});
