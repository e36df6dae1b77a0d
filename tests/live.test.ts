/** The live feed and sample traffic of a whole exchange, over real sockets. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket as Client } from 'ws';
import type { LiveAuctions, LiveFrame, LiveTotals, LiveTotalsUpdate } from '#shared/model/live.ts';
import { type ExchangeProcess, removeDataDir, startExchange } from './exchange-process.ts';

const BID = { site: { domain: 'live.example' }, user_id: 'user-001' };

let exchange: ExchangeProcess;
beforeAll(async () => {
  exchange = await startExchange();
});
afterAll(async () => {
  await exchange.stop();
  await removeDataDir(exchange.dataDir);
});

test('a bid is seen in the totals and among the auctions, and its steps are told', async () => {
  const viewer = await connect();
  viewer.ask({ op: 'subscribe', topic: 'totals' }, { op: 'subscribe', topic: 'auctions' });
  await viewer.sees(({ topic }) => topic === 'auctions');
  const id = await bid();
  viewer.ask({ op: 'subscribe', topic: `auction:${id}` });
  await viewer.sees((frame) =>
    frame.topic === 'auctions' && (frame.data as LiveAuctions).rows.some((row) => row.id === id)
  );
  await viewer.sees((frame) =>
    frame.topic === 'totals' && frame.kind === 'update' &&
    (frame.data as LiveTotalsUpdate).second.auctions === 1 &&
    (frame.data as LiveTotalsUpdate).sites[0]?.name === 'live.example'
  );
  // Details and rows go ways of their own: either may be first.
  for (const step of ['explained', 'stored']) {
    await viewer.sees((frame) =>
      frame.topic === `auction:${id}` && 'data' in frame &&
      JSON.stringify(frame.data).includes(step)
    );
  }
  const steps = viewer.frames.flatMap((frame) =>
    frame.topic === `auction:${id}` && 'data' in frame ? frame.data as { step: string }[] : []
  );
  expect(steps.map(({ step }) => step).sort()).toEqual(['closed', 'explained', 'stored']);
  viewer.end();
});

test('who comes back gets what was missed, and the numbers have no gap', async () => {
  const first = await connect();
  first.ask({ op: 'subscribe', topic: 'totals' });
  const { epoch, seq } = await first.sees(({ topic }) => topic === 'totals') as Numbered;
  first.end();
  const second = await connect();
  await expect.poll(async () => (await snapshot()).totals.seq).toBeGreaterThan(seq);
  second.ask({ op: 'subscribe', topic: 'totals', epoch, after: seq });
  await second.sees((frame) => frame.topic === 'totals' && frame.seq === seq + 2);
  expect(second.frames.map((frame) => 'kind' in frame && [frame.seq, frame.kind]).slice(0, 2))
    .toEqual([[seq + 1, 'update'], [seq + 2, 'update']]);
  second.end();
});

test('GET /api/live has the same as the first frames', async () => {
  const id = await bid();
  await expect.poll(async () => (await snapshot()).auctions.data.rows[0]?.id).toBe(id);
  const { epoch, totals } = await snapshot();
  expect(epoch).toEqual(expect.any(String));
  expect(totals.data).toMatchObject({ currency: 'USD', seconds: expect.any(Array) });
  const seconds = totals.data.seconds.map(({ at }) => at);
  expect(seconds).toEqual(seconds.map((_, n) => seconds[0]! + n));
});

test('another page gets no socket', async () => {
  const client = new Client(socketUrl(), { headers: { origin: 'http://evil.example' } });
  const status = await new Promise((resolve) => {
    client.on('unexpected-response', (_request, response) => resolve(response.statusCode));
    client.on('error', () => {});
  });
  expect(status).toBe(403);
  client.terminate();
});

test('sample traffic started over HTTP brings real auctions, and another page cannot start it', async () => {
  const foreign = await traffic({ running: true }, { origin: 'http://evil.example' });
  expect(foreign.status).toBe(403);
  expect(await (await traffic({ running: true })).json()).toMatchObject({ running: true });
  await expect.poll(async () =>
    (await snapshot()).auctions.data.rows.filter(({ siteDomain }) => siteDomain !== 'live.example')
      .length
  ).toBeGreaterThan(5);
  const stopped = await (await traffic({ running: false })).json() as { sent: number };
  expect(stopped).toMatchObject({ running: false, endsAt: null });
  expect(stopped.sent).toBeGreaterThan(5);
});

test('an exchange that stops tells its viewers and does not wait for them', async () => {
  const viewer = await connect();
  expect((await traffic({ running: true })).status).toBe(200);
  const closed = viewer.closed();
  expect(await exchange.stop(), exchange.output()).toBe(0);
  expect(await closed).toBe(1001);
});

type Numbered = Extract<LiveFrame, { seq: number }>;

/** A viewer with the runtime's own WebSocket. */
async function connect() {
  const socket = new WebSocket(socketUrl());
  const frames: LiveFrame[] = [];
  let look = (): void => {};
  socket.onmessage = ({ data }) => {
    frames.push(JSON.parse(data) as LiveFrame);
    look();
  };
  await new Promise((resolve, reject) => {
    socket.onopen = resolve;
    socket.onerror = reject;
  });
  return {
    frames,
    ask: (...messages: unknown[]) => messages.forEach((one) => socket.send(JSON.stringify(one))),
    sees: (wanted: (frame: LiveFrame) => boolean) =>
      new Promise<LiveFrame>((resolve) => {
        look = () => {
          const found = frames.find(wanted);
          if (found) resolve(found);
        };
        look();
      }),
    closed: () => new Promise<number>((resolve) => socket.onclose = ({ code }) => resolve(code)),
    end: () => socket.close(),
  };
}

function socketUrl(): string {
  return `${exchange.url.replace('http', 'ws')}/live`;
}

async function bid(): Promise<string> {
  const answer = await fetch(`${exchange.url}/bid`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(BID),
  });
  return answer.headers.get('helios-auction-id')!;
}

async function snapshot() {
  const answer = await fetch(`${exchange.url}/api/live`);
  return await answer.json() as {
    epoch: string;
    totals: { seq: number; data: LiveTotals };
    auctions: { seq: number; data: LiveAuctions };
  };
}

function traffic(body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${exchange.url}/api/sample-traffic`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
}
