/** What of a request's and an answer's headers goes on to the other side of a door (RFC 9110 §7.6.1). */

/** Carries the ADMIN_KEY from gateways to stages; one from outside never gets through. */
export const STAGE_KEY = 'x-helios-stage-key';

const HOP_BY_HOP: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/**
 * Decided upon at the gateway, which is where they end: who it is, and which page asks. `expect` was
 * answered by the listener; `host` becomes the stage's own.
 */
const ENDING_HERE: ReadonlySet<string> = new Set([
  'authorization',
  'cookie',
  'expect',
  'host',
  'origin',
  'x-api-key',
  STAGE_KEY,
]);

/** @param clientAddress of who asks; undefined for a request of our own. */
export function forwardedHeaders(
  request: Request,
  clientAddress: string | undefined,
  key: string | undefined,
): Record<string, string> {
  const { headers } = request;
  const named = namedByConnection(headers.get('connection'));
  // The body of a GET ends here. A stage that is told of one takes the next request for it.
  if (request.body === null) named.add('content-length');
  const sent: Record<string, string> = {};
  for (const [name, value] of headers) {
    if (HOP_BY_HOP.has(name) || ENDING_HERE.has(name) || named.has(name)) continue;
    if (name.startsWith('sec-websocket-')) continue;
    sent[name] = value;
  }
  if (clientAddress) {
    const before = headers.get('x-forwarded-for');
    sent['x-forwarded-for'] = before ? `${before}, ${clientAddress}` : clientAddress;
  }
  const { protocol, host } = new URL(request.url);
  sent['x-forwarded-host'] = headers.get('host') ?? host;
  sent['x-forwarded-proto'] = protocol.slice(0, -1);
  if (key !== undefined) sent[STAGE_KEY] = key;
  return sent;
}

/** @param raw names and values in turn, as node:http has them: a name may come several times. */
export function answeredHeaders(raw: readonly string[]): Headers {
  const headers = new Headers();
  for (let i = 0; i < raw.length; i += 2) headers.append(raw[i]!, raw[i + 1]!);
  const named = namedByConnection(headers.get('connection'));
  for (const name of [...HOP_BY_HOP, ...named]) headers.delete(name);
  return headers;
}

function namedByConnection(connection: string | null): Set<string> {
  const names = (connection ?? '').toLowerCase().split(',').map((name) => name.trim());
  return new Set(names.filter((name) => /^[\w!#$%&'*+.^`|~-]+$/.test(name)));
}
