/** One trace per auction, from the door to the ledger, as a collector gets it. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freePorts } from '../scripts/engines/free-ports.ts';
import { type ExchangeProcess, removeDataDir, startExchange } from './exchange-process.ts';
import { type OtlpReceiver, type ReceivedSpan, startOtlpReceiver } from './otlp-receiver.ts';
import { spanTree } from './span-tree.ts';

const PARENT = '00f067aa0ba902b7';
const BODY = {
  user_id: 'user-001',
  site: { domain: 'example.com' },
  ad_slots: [{ id: '1', min_bid: 0.2, format: ['300x250'] }],
};
const SERVER = 2;
const CLIENT = 3;
const PRODUCER = 4;
const CONSUMER = 5;

let receiver: OtlpReceiver;
let exchange: ExchangeProcess;
beforeAll(async () => {
  receiver = await startOtlpReceiver();
  const [port] = await freePorts(1);
  exchange = await startExchange({
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint,
      // Only what a caller has decided to keep.
      OTEL_TRACES_SAMPLER: 'parentbased_always_off',
      PROFILE_PORT: String(port),
      // Profiles go over gRPC, as they do from another process.
      USER_PROFILE_SVC_ADDR: `127.0.0.1:${port}`,
    },
  });
});
afterAll(async () => {
  expect(await exchange.stop(), exchange.output()).toBe(0);
  await removeDataDir(exchange.dataDir);
  await receiver.close();
});

let traces = 0;

/** Posts a request that belongs to a trace, unless without flags; resolves to the answer and the trace's id. */
async function bid(flags: '00' | '01' | undefined, body: unknown = BODY) {
  const traceId = (++traces).toString(16).padStart(32, 'a');
  const answer = await fetch(`${exchange.url}/bid`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(flags && { traceparent: `00-${traceId}-${PARENT}-${flags}` }),
    },
    body: JSON.stringify(body),
  });
  await answer.arrayBuffer();
  return { answer, traceId };
}

const spansOf = (traceId: string): ReceivedSpan[] =>
  receiver.spans.filter((span) => span.traceId === traceId);

/** Within the time a look-up has: on a busy machine one may be late, and the next is not. */
async function bidInTime() {
  for (let tries = 1;; tries++) {
    const made = await bid('01');
    expect(made.answer.status).toBe(200);
    try {
      await expect.poll(() => isWhole(spansOf(made.traceId)), { timeout: WHOLE_MS }).toBe(true);
      return made;
    } catch (error) {
      if (tries === TRIES_MAX) throw error;
    }
  }
}

const isWhole = (spans: ReceivedSpan[]): boolean =>
  spans.length === 13 &&
  spans.some(({ kind, attributes }) => kind === CLIENT && attributes['rpc.status_code'] === 'OK');

/** ms; spans are exported each second. */
const WHOLE_MS = 5_000;
const TRIES_MAX = 10;

const GROUP = { 'bidding: send bid_responses': {} };
const RPC = 'helios.profile.v1.ProfileService/LookUpProfiles';

describe('a request whose trace is kept', () => {
  test('is one trace over all stages, and over gRPC', async () => {
    const { traceId } = await bidInTime();
    const spans = spansOf(traceId);

    const lookups = spans.filter(({ name }) => name === 'profile lookup');
    // Both groups ask at once: the one that came second joins the call of the first, and names it.
    const [caller, joined] = lookups[0]!.links.length === 0 ? lookups : lookups.toReversed();
    expect(joined!.links).toEqual([{ traceId, spanId: caller!.spanId }]);
    const groupOf = (lookup: ReceivedSpan) =>
      spans.find(({ spanId }) => spanId === lookup.parentSpanId)!
        .attributes['helios.bidding.group'];
    const call = { [`bidding: ${RPC}`]: { [`profile: ${RPC}`]: {} } };
    expect(spanTree(spans, PARENT)).toEqual({
      'gateway: POST /bid': {
        'gateway: send bid_requests': {
          'auction: auction': { 'auction: clear': {}, 'auction: send auction_outcomes': {} },
          [`bidding: process bid_requests (${groupOf(joined!)})`]: {
            ...GROUP,
            'bidding: profile lookup': {},
          },
          [`bidding: process bid_requests (${groupOf(caller!)})`]: {
            ...GROUP,
            'bidding: profile lookup': call,
          },
        },
      },
    });
  });

  test('has kinds, times and attributes by the conventions', async () => {
    const { answer, traceId } = await bidInTime();
    const spans = spansOf(traceId);
    const named = (name: string, kind?: number): ReceivedSpan =>
      spans.find((span) => span.name === name && (kind === undefined || span.kind === kind))!;
    const id = answer.headers.get('helios-auction-id')!;
    expect(named('POST /bid')).toMatchObject({
      kind: SERVER,
      attributes: {
        'http.request.method': 'POST',
        'http.route': '/bid',
        'http.response.status_code': 200,
        'url.scheme': 'http',
        'server.address': '127.0.0.1',
        'helios.publisher.id': 'demo',
        'helios.auction.id': id,
      },
    });
    expect(named('send auction_outcomes')).toMatchObject({
      kind: PRODUCER,
      attributes: { 'messaging.system.name': 'helios', 'helios.auction.id': id },
    });
    expect(named('auction')).toMatchObject({
      kind: CONSUMER,
      attributes: { 'helios.closed_by': 'all_answered', 'helios.groups.answered': 2 },
    });
    expect(named('auction').links.map(({ spanId }) => spanId).sort())
      .toEqual(
        spans.filter(({ name }) => name === 'send bid_responses').map((s) => s.spanId).sort(),
      );
    expect(named(RPC, CLIENT).attributes).toMatchObject({
      'rpc.system.name': 'grpc',
      'rpc.status_code': 'OK',
      'server.address': '127.0.0.1',
    });
    expect(named(RPC, SERVER)).toMatchObject({
      service: 'helios-profile',
      attributes: { 'rpc.status_code': 'OK' },
    });
    for (const span of spans) {
      const parent = spans.find(({ spanId }) => spanId === span.parentSpanId);
      expect(span.endNs >= span.startNs, span.name).toBe(true);
      expect(!parent || span.startNs >= parent.startNs, span.name).toBe(true);
    }
    // The publisher is answered when the ledger has the outcome, not before.
    expect(named('POST /bid').endNs >= named('send auction_outcomes').startNs).toBe(true);
  });

  test('is named by the insert of its row, a trace of its own', async () => {
    const { traceId } = await bid('01');
    const insertOf = (): ReceivedSpan | undefined =>
      receiver.spans.find(({ links, service }) =>
        service === 'helios-analytics' && links.some((link) => link.traceId === traceId)
      );
    await expect.poll(insertOf).toBeDefined();
    const insert = insertOf()!;
    const outcome = spansOf(traceId).find(({ name }) => name === 'send auction_outcomes')!;
    expect(insert).toMatchObject({ name: 'INSERT outcomes', kind: CLIENT, parentSpanId: '' });
    expect(insert.traceId).not.toBe(traceId);
    expect(insert.links).toContainEqual({ traceId, spanId: outcome.spanId });
    expect(insert.attributes).toMatchObject({
      'db.system.name': 'clickhouse',
      'db.namespace': 'helios',
      'db.collection.name': 'outcomes',
    });
  });

  test('has a span where it is refused, too', async () => {
    const { answer, traceId } = await bid('01', { ad_slots: 'none' });
    expect(answer.status).toBe(400);
    await expect.poll(() => spansOf(traceId)).toHaveLength(1);
    expect(spansOf(traceId)[0]).toMatchObject({
      name: 'POST /bid',
      status: 0,
      attributes: { 'http.response.status_code': 400 },
    });
  });
});

test('a request that its caller does not keep, or nobody has decided about, leaves no span', async () => {
  const { answer, traceId } = await bid('00');
  expect(answer.status).toBe(200);
  const id = answer.headers.get('helios-auction-id');
  const alone = await bid(undefined);
  expect(alone.answer.status).toBe(200);
  // What is exported later has been made later: both would be here by then.
  await bidInTime();
  expect(spansOf(traceId)).toEqual([]);
  const roots = receiver.spans.filter((span) =>
    span.parentSpanId === '' && span.service !== 'helios-analytics'
  );
  expect(roots).toEqual([]);
  await expect.poll(async () => {
    const known = await fetch(`${exchange.url}/api/auctions/${id}`);
    return JSON.stringify(await known.json());
  }).toContain(traceId);
});

test('what was exported is counted', async () => {
  await expect.poll(async () => (await fetch(exchange.metricsUrl)).text())
    .toMatch(/^helios_spans_total\{result="exported"\} [1-9]/m);
});
