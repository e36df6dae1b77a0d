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
export function withSpan<F extends { readonly path: string }>(
  tracer: Tracer | undefined,
  gateway: { auction(request: Request, form: F, trace?: RequestTrace): Promise<Response> },
): (request: Request, form: F) => Promise<Response> {
  if (!tracer) return (request, form) => gateway.auction(request, form);
  return async (request, form) => {
    const header = request.headers.get('traceparent');
    const trace = tracer.enter(header, `POST ${form.path}`, { kind: 'server' });
    const { span } = trace;
    if (!span) return await gateway.auction(request, form, trace);
    span.set(askedAttributes(request, form.path));
    try {
      const response = await gateway.auction(request, form, trace);
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
