/** The span of a request at the public edge: where the trace of its auction begins, or goes on. */
import type { Span, Tracer } from '#shared/trace.ts';

/** What the rest of the gateway needs to know of the trace. */
export interface RequestTrace {
  /** Of whoever comes next. */
  traceparent: string;
  /** Absent: this one is not kept. */
  span: Span | undefined;
}

/** Header lengths are the caller's to choose. */
const AGENT_LENGTH_MAX = 200;

/** The way into the gateway, within the span of the request where there is a tracer. */
export function withSpan<C extends Asked, F extends { readonly path: string }>(
  { tracer }: { tracer?: Tracer | undefined },
  form: F,
  gateway: { auction(c: C, form: F, trace?: RequestTrace): Promise<Response> },
): (c: C) => Promise<Response> {
  if (!tracer) return (c) => gateway.auction(c, form);
  return async (c) => {
    const { raw } = c.req;
    const facts = { kind: 'server' } as const;
    const trace = tracer.enter(raw.headers.get('traceparent'), `POST ${form.path}`, facts);
    const { span } = trace;
    if (!span) return await gateway.auction(c, form, trace);
    span.set(askedAttributes(raw, form.path));
    try {
      const response = await gateway.auction(c, form, trace);
      span.set(answeredAttributes(response));
      // What the caller did wrong is no failure of this side.
      if (response.status >= 500) span.fail(String(response.status));
      return response;
    } catch (error) {
      span.fail((error as Error).name, (error as Error).message);
      throw error;
    } finally {
      span.end();
    }
  };
}

/** Of Hono's context, what is needed here. */
interface Asked {
  readonly req: { readonly raw: Request };
}

/** https://opentelemetry.io/docs/specs/semconv/http/http-spans/, without the address of whoever asks. */
function askedAttributes({ method, url, headers }: Request, route: string) {
  const { protocol, pathname, hostname, port } = new URL(url);
  return {
    'http.request.method': method,
    'http.route': route,
    'url.scheme': protocol.slice(0, -1),
    'url.path': pathname,
    'server.address': hostname,
    'server.port': port === '' ? undefined : Number(port),
    'user_agent.original': headers.get('user-agent')?.slice(0, AGENT_LENGTH_MAX),
  };
}

function answeredAttributes({ status, headers }: Response) {
  return {
    'http.response.status_code': status,
    'helios.auction.id': headers.get('helios-auction-id') ?? undefined,
    'helios.no_bid': headers.get('helios-no-bid') ?? undefined,
  };
}
