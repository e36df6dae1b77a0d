import { Mailbox } from '#shared/model/mailbox.ts';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { inAnyOrder } from './in-any-order.ts';

function scene({ atOnce = 8 } = {}) {
  const requests = new Mailbox<string>();
  const tell = (...some: string[]) => requests.push(...some);
  const finish = (error?: Error) => error ? requests.fail(error) : requests.end();
  const closing = new AbortController();
  const open = new Map<string, () => void>();
  const answer = (request: string) =>
    new Promise<string>((resolve) => open.set(request, () => resolve(`${request}!`)));
  const answers = inAnyOrder(requests, answer, { atOnce, closing: closing.signal });
  const got: string[] = [];
  const ended = (async () => {
    for await (const one of answers) got.push(one);
  })();
  ended.catch(() => {});
  return { tell, finish, open, got, ended, closing };
}
/** For everything that is only promises. */
const turn = () => sleep(1);

describe('inAnyOrder()', () => {
  it('gives answers as they are ready, and ends after the last', async () => {
    const { tell, finish, open, got, ended } = scene();
    tell('a', 'b', 'c');
    await turn();
    open.get('b')!();
    await turn();
    expect(got).toEqual(['b!']);
    finish();
    await turn();
    open.get('c')!();
    open.get('a')!();
    await ended;
    expect(got).toEqual(['b!', 'c!', 'a!']);
  });

  it('reads no more while so many are being answered', async () => {
    const { tell, open, got } = scene({ atOnce: 2 });
    tell('a', 'b', 'c');
    await turn();
    expect([...open.keys()]).toEqual(['a', 'b']);
    open.get('a')!();
    await turn();
    expect([...open.keys()]).toEqual(['a', 'b', 'c']);
    expect(got).toEqual(['a!']);
  });

  it('reads no more while nobody takes the answers', async () => {
    let read = 0;
    async function* requests() {
      while (read < 100) yield `${read++}`;
    }
    const closing = new AbortController();
    const answers = inAnyOrder(requests(), async (request) => `${request}!`, {
      atOnce: 4,
      closing: closing.signal,
    });
    const taking = answers[Symbol.asyncIterator]();
    expect(await taking.next()).toEqual({ done: false, value: '0!' });
    await turn();
    expect(read).toBeLessThanOrEqual(6);
    const rest: string[] = [];
    for await (const one of { [Symbol.asyncIterator]: () => taking }) rest.push(one);
    expect(rest).toHaveLength(99);
  });

  it('reads no more when it is to close, and answers what it has read', async () => {
    const { tell, open, got, ended, closing } = scene();
    tell('a');
    await turn();
    closing.abort();
    tell('b');
    await turn();
    open.get('a')!();
    await ended;
    expect(got).toEqual(['a!']);
    expect([...open.keys()]).toEqual(['a']);
  });

  it('ends with the error of the requests', async () => {
    const { tell, finish, ended } = scene();
    tell('a');
    await turn();
    finish(new Error('the caller has gone'));
    await expect(ended).rejects.toThrow('the caller has gone');
  });
});
