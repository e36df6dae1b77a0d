import type { DeepPartial, LookUpProfilesRequest, LookUpProfilesResponse } from '#proto/profile.ts';
import { Mailbox } from '#shared/model/mailbox.ts';
import { setTimeout as sleep } from 'node:timers/promises';
import { ClientError, Status } from 'nice-grpc';
import { describe, expect, it } from 'vitest';
import { ProfileStream } from './profile-stream.ts';
import { profile } from './test-samples.ts';

/** One call as the service sees it. */
interface Call {
  asked: DeepPartial<LookUpProfilesRequest>[];
  answer(...answers: Partial<LookUpProfilesResponse>[]): void;
  end(error?: Error): void;
  signal: AbortSignal;
}

function scene() {
  const calls: Call[] = [];
  const stream = new ProfileStream(async function* (requests, { signal }) {
    const answers = new Mailbox<LookUpProfilesResponse>();
    const call: Call = {
      asked: [],
      answer(...some) {
        for (const one of some) {
          answers.push({ id: 0, profiles: [], code: Status.OK, details: '', ...one });
        }
      },
      end: (error) => error ? answers.fail(error) : answers.end(),
      signal: signal!,
    };
    calls.push(call);
    signal!.addEventListener('abort', () => call.end(signal!.reason));
    void (async () => {
      for await (const request of requests) call.asked.push(request);
    })();
    yield* answers;
  });
  const ask = (userId: string, signal?: AbortSignal) => stream.ask({ userIds: [userId] }, signal);
  return { stream, calls, ask };
}
/** For everything that is only promises. */
const turn = () => sleep(1);
const [anna, ben] = [profile({ userId: 'anna' }), profile({ userId: 'ben' })];

describe('ProfileStream', () => {
  it('asks in one call, and gives each its own answer in whatever order they come', async () => {
    const { calls, ask, stream } = scene();
    const first = ask('anna');
    const second = stream.ask({ userIds: ['ben'], traceparent: '00-1' });
    await turn();
    const third = ask('nobody');
    await turn();
    expect(calls).toHaveLength(1);
    const [call] = calls;
    expect(call!.asked).toEqual([
      { id: 1, userIds: ['anna'], traceparent: '' },
      { id: 2, userIds: ['ben'], traceparent: '00-1' },
      { id: 3, userIds: ['nobody'], traceparent: '' },
    ]);
    call!.answer({ id: 3 }, { id: 2, profiles: [ben] });
    expect(await third).toEqual({ profiles: [] });
    expect(await second).toEqual({ profiles: [ben] });
    call!.answer({ id: 1, profiles: [anna] });
    expect(await first).toEqual({ profiles: [anna] });
  });

  it('rejects what the service refused, and goes on', async () => {
    const { calls, ask } = scene();
    const [refused, found] = [ask('anna'), ask('ben')];
    refused.catch(() => {});
    await turn();
    calls[0]!.answer({ id: 1, code: Status.UNAVAILABLE, details: 'Cannot read the store' });
    calls[0]!.answer({ id: 2, profiles: [ben] });
    await expect(refused).rejects.toMatchObject({
      code: Status.UNAVAILABLE,
      details: 'Cannot read the store',
    });
    expect(await found).toEqual({ profiles: [ben] });
    expect(calls).toHaveLength(1);
  });

  it('gives up at the signal, and minds no late answer', async () => {
    const { calls, ask } = scene();
    const abort = new AbortController();
    const [given, found] = [ask('anna', abort.signal), ask('ben')];
    given.catch(() => {});
    await turn();
    abort.abort(new Error('too late'));
    await expect(given).rejects.toThrow('too late');
    await expect(ask('anna', abort.signal)).rejects.toThrow('too late');
    calls[0]!.answer({ id: 1, profiles: [anna] }, { id: 2, profiles: [ben] });
    expect(await found).toEqual({ profiles: [ben] });
    expect(calls[0]!.asked).toHaveLength(2);
  });

  it('rejects all that wait when the call fails, and begins another for the next', async () => {
    const { calls, ask } = scene();
    const waiting = [ask('anna'), ask('ben')];
    for (const one of waiting) one.catch(() => {});
    await turn();
    calls[0]!.end(new ClientError('/path', Status.UNAVAILABLE, 'Connection dropped'));
    for (const one of waiting) await expect(one).rejects.toThrow('Connection dropped');
    const next = ask('anna');
    await turn();
    calls[1]!.answer({ id: 3, profiles: [anna] });
    expect(await next).toEqual({ profiles: [anna] });
  });

  it('asks once more what the service did not read before it ended the call', async () => {
    const { calls, ask } = scene();
    const waiting = ask('anna');
    await turn();
    calls[0]!.end();
    await turn();
    expect(calls[1]!.asked).toEqual(calls[0]!.asked);
    calls[1]!.answer({ id: 1, profiles: [anna] });
    expect(await waiting).toEqual({ profiles: [anna] });

    const twice = ask('ben');
    twice.catch(() => {});
    await turn();
    calls[1]!.end();
    await turn();
    calls[2]!.end();
    await expect(twice).rejects.toMatchObject({ code: Status.UNAVAILABLE });
    expect(calls).toHaveLength(3);
  });

  it('close() gives up what is under way', async () => {
    const { calls, ask, stream } = scene();
    const waiting = ask('anna');
    waiting.catch(() => {});
    await turn();
    stream.close();
    await expect(waiting).rejects.toThrow('abort');
    expect(calls[0]!.signal.aborted).toBe(true);
  });
});
