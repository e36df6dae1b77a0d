/**
 * A stage of another process as a route: requests go on over HTTP as they come, bodies in pieces both
 * ways, so that nothing is held that the slower side has not asked for.
 *
 * By node:http and not by `fetch`, which would unpack what the stage packed and could not say when a
 * connection was not even made.
 */
import { Agent, type ClientRequest, type IncomingMessage, request as httpRequest } from 'node:http';
import { Agent as SecureAgent, request as httpsRequest } from 'node:https';
import { problem } from '../problem.ts';
import { reasonOf } from '../reason.ts';
import type { Route } from '../service.ts';
import { clientOf } from './clients.ts';
import { answeredHeaders, forwardedHeaders } from './forwarded.ts';
import { Upstreams } from './upstreams.ts';

/** Bounds on how long a stage is waited for. */
export const REMOTE_LIMITS = {
  /** ms for a connection: one lost packet; a process that is there accepts at once. */
  connectMs: 2_000,
  /** ms until the answer begins: longer than a report may take. */
  answerMs: 40_000,
};
export type RemoteLimits = typeof REMOTE_LIMITS;

export interface RemoteRouteOptions {
  /** For messages. */
  stage: string;
  /** `http(s)://host:port`, at least one. */
  origins: readonly string[];
  /** Opens the door of a stage that is not on loopback. */
  key?: string | undefined;
  /** PEM of the authorities an `https` origin is trusted by; those of the runtime without it. */
  ca?: string | undefined;
  /** Epoch ms. */
  now?(): number;
  limits?: Partial<RemoteLimits>;
}

export function createRemoteRoute(options: RemoteRouteOptions): Route {
  const { stage, origins, key, ca, now = Date.now } = options;
  const limits = { ...REMOTE_LIMITS, ...options.limits };
  const upstreams = new Upstreams(origins);
  const agents = {
    'http:': new Agent(KEPT),
    'https:': new SecureAgent({ ...KEPT, ...(ca && { ca }) }),
  };

  /** Rejects with {@link NotAnswered}. */
  async function send(origin: string, request: Request, fresh = false): Promise<Response> {
    const { pathname, search } = new URL(request.url);
    // Put together, not resolved: a path of `//host/` would be another host, and get the key.
    const target = new URL(origin + pathname + search);
    const protocol = target.protocol as keyof typeof agents;
    const outgoing = (protocol === 'https:' ? httpsRequest : httpRequest)(target, {
      method: request.method,
      headers: forwardedHeaders(request, clientOf(request)?.remoteAddress, key),
      agent: fresh ? false : agents[protocol],
      ...(ca && { ca }),
    });
    const leave = (): void => void outgoing.destroy();
    request.signal.addEventListener('abort', leave, { once: true });
    // Later its connection may be another request's.
    outgoing.once('close', () => request.signal.removeEventListener('abort', leave));
    try {
      // Not before: where there is no connection, another origin gets the body.
      const connected = (): void =>
        void sendBody(request, outgoing).catch(() => outgoing.destroy());
      return answerOf(await begin(outgoing, limits, connected), request.method);
    } catch (error) {
      // The stage ended a kept connection in the moment we used it.
      const lost = error instanceof NotAnswered && error.begun && !error.late &&
        outgoing.reusedSocket;
      if (lost && !fresh && isRepeatable(request)) return await send(origin, request, true);
      throw error;
    }
  }

  return async (request) => {
    if (request.signal.aborted) return problem(499, 'The client left');
    let failure: NotAnswered | undefined;
    /** Of one that is there and cannot serve, as while it starts. */
    let refusal: Response | undefined;
    for (const origin of upstreams.inTurn(now())) {
      try {
        const answer = await send(origin, request);
        await refusal?.body?.cancel();
        if (answer.status !== 503) {
          upstreams.answered(origin);
          return answer;
        }
        upstreams.failed(origin, now());
        refusal = answer;
        if (!isRepeatable(request)) break;
      } catch (error) {
        if (request.signal.aborted) return problem(499, 'The client left');
        if (!(error instanceof NotAnswered)) throw error;
        upstreams.failed(origin, now());
        failure = error;
        // It may have been done all the same.
        if (error.begun && !isRepeatable(request)) break;
      }
    }
    if (refusal) return refusal;
    const begun = failure?.begun === true;
    return problem(
      begun ? 502 : 503,
      `The ${stage} stage does not answer: ${failure?.message}`,
      { 'retry-after': '1' },
    );
  };
}

/** Idle connections are ended before the stage does it, after 65 s. */
const KEPT = { keepAlive: true, timeout: 30_000, maxFreeSockets: 64 };

/** The stage gave no answer; `begun` when it may have had the request, `late` when its time was over. */
class NotAnswered extends Error {
  readonly begun: boolean;
  readonly late: boolean;
  constructor(message: string, begun: boolean, late = false) {
    super(message);
    this.begun = begun;
    this.late = late;
  }
}

function isRepeatable({ method, body }: Request): boolean {
  return (method === 'GET' || method === 'HEAD') && body === null;
}

/** Resolves with the head of the answer. */
function begin(
  outgoing: ClientRequest,
  limits: RemoteLimits,
  onConnected: () => void,
): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  let connected = false;
  const giveUp = (message: string): void => {
    reject(new NotAnswered(message, connected, true));
    outgoing.destroy();
  };
  const connecting = setTimeout(
    () => connected || giveUp(`no connection within ${limits.connectMs} ms`),
    limits.connectMs,
  );
  const answering = setTimeout(
    () => giveUp(`no answer within ${limits.answerMs} ms`),
    limits.answerMs,
  );
  const connect = (): void => {
    connected = true;
    onConnected();
  };
  outgoing.on('socket', (socket) => {
    if (socket.connecting) socket.once('connect', connect);
    else connect();
  });
  outgoing.on('response', resolve);
  outgoing.on('error', (error) => reject(new NotAnswered(reasonOf(error), connected)));
  outgoing.on('close', () => reject(new NotAnswered('the connection ended', connected)));
  return promise.finally(() => {
    clearTimeout(connecting);
    clearTimeout(answering);
  });
}

async function sendBody({ body }: Request, outgoing: ClientRequest): Promise<void> {
  for await (const piece of body ?? []) {
    if (!outgoing.write(piece)) await drained(outgoing);
    if (outgoing.destroyed) return;
  }
  outgoing.end();
}

/** There is room again, or nobody left to write to. */
function drained(outgoing: ClientRequest): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      outgoing.off('drain', done).off('close', done);
      resolve();
    };
    outgoing.on('drain', done).on('close', done);
  });
}

function answerOf(incoming: IncomingMessage, method: string): Response {
  const status = incoming.statusCode ?? 502;
  const headers = answeredHeaders(incoming.rawHeaders);
  if (method === 'HEAD' || status === 204 || status === 205 || status === 304) {
    incoming.resume();
    return new Response(null, { status, headers });
  }
  return new Response(bodyOf(incoming), { status, headers });
}

/** A stage that is lost half way tears the answer, and with it the client's connection. */
function bodyOf(incoming: IncomingMessage): ReadableStream<Uint8Array> {
  const pieces = incoming[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await pieces.next();
      if (!done) controller.enqueue(value);
      else if (incoming.complete) controller.close();
      else controller.error(new Error('The answer ended early'));
    },
    cancel() {
      incoming.destroy();
    },
  }, { highWaterMark: 0 });
}
