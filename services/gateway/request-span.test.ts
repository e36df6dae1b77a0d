import { expect, test } from 'vitest';
import { createTestTracer } from '#shared/tracing/test-tracer.ts';
import { withSpan } from './request-span.ts';

const CALLER = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
const asked = (headers: Record<string, string>): Request =>
  new Request('https://ads.example:8443/bid?x=1', { method: 'POST', headers });

function door(answer: () => Response) {
  const { tracer, spans } = createTestTracer();
  const traceparents: (string | undefined)[] = [];
  const enter = withSpan(tracer, {
    auction: async (_request, _form: { path: string }, trace) => {
      traceparents.push(trace?.traceparent);
      return await Promise.resolve(answer());
    },
  });
  const serve = (request: Request): Promise<Response> => enter(request, { path: '/bid' });
  return { serve, spans, traceparents };
}

test('withSpan() tells of request and answer by the conventions', async () => {
  const { serve, spans, traceparents } = door(() =>
    new Response(null, {
      status: 204,
      headers: { 'helios-auction-id': 'a-1', 'helios-no-bid': '500' },
    })
  );
  await serve(asked({ traceparent: CALLER, 'user-agent': 'x'.repeat(1_000) }));
  expect(spans).toMatchObject([{
    name: 'POST /bid',
    kind: 'server',
    parentId: '00f067aa0ba902b7',
    failure: undefined,
    attributes: {
      'http.request.method': 'POST',
      'http.route': '/bid',
      'http.response.status_code': 204,
      'url.scheme': 'https',
      'url.path': '/bid',
      'server.address': 'ads.example',
      'server.port': 8443,
      'user_agent.original': 'x'.repeat(200),
      'helios.auction.id': 'a-1',
      'helios.no_bid': '500',
    },
  }]);
  expect(traceparents[0]).toContain(spans[0]!.spanId);
});

test('withSpan() has failed when this side could not answer', async () => {
  const busy = door(() => new Response(null, { status: 503 }));
  await busy.serve(asked({ traceparent: CALLER }));
  expect(busy.spans[0]!.failure).toEqual({ error: '503', message: '' });
  const broken = door(() => {
    throw new RangeError('a bug');
  });
  await expect(broken.serve(asked({ traceparent: CALLER }))).rejects.toThrow('a bug');
  expect(broken.spans[0]!.failure).toEqual({ error: 'RangeError', message: 'a bug' });
});

test('withSpan() makes none where the trace is not kept', async () => {
  const { serve, spans, traceparents } = door(() => new Response());
  const unkept = CALLER.replace(/01$/, '00');
  await serve(asked({ traceparent: unkept }));
  await serve(asked({}));
  expect(spans).toEqual([]);
  expect(traceparents).toEqual([
    unkept,
    expect.stringMatching(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/),
  ]);
});
