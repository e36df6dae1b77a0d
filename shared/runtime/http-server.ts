/**
 * The one way to listen: a Fetch handler on node:http, the same on both runtimes. Deno's own
 * server is not used, it has no header and body timeouts: https://github.com/denoland/deno/issues/3515
 */
import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerOptions,
  type ServerResponse,
} from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { getRequestListener, RequestError } from '@hono/node-server';
import type { Upgrade } from '../service.ts';
import { letRequestsGo } from './active-requests.ts';
import { type Client, dottedAddress } from './clients.ts';
import { settleHttpShapes } from './http-shapes.ts';
import { ListenError } from './listen-error.ts';
import { cutQuietConnections, tellKeepAlive } from './quiet-connections.ts';
import { requestBytes } from './request-bytes.ts';
import type { Tls } from './tls-files.ts';
import { acceptWebSockets, isWebSocketRequest, type SocketLimits } from './web-sockets.ts';

/** Bounds on what one client can make us hold. */
const HTTP_LIMITS = {
  /** ms for all headers: real clients send them in one packet, which may get lost once or twice. */
  headersMs: 2_000,
  /** ms for headers and body: a bid request of 256 KiB, the largest, at 0.5 Mbit/s. */
  requestMs: 5_000,
  /** ms between looks for late requests; Node's 30 s would be the real limit otherwise. */
  checkEveryMs: 500,
  /** ms an idle connection is kept at least: longer than load balancers keep theirs (60 s), who close first. */
  keepAliveMs: 65_000,
  /** ms in which a client must take something of what waits for it; an answer is far smaller than a minute. */
  stalledMs: 60_000,
  /** Bytes of request line and headers together. */
  headerBytes: 16 * 1024,
  /** Open connections, 16 kB each when idle: 160 MB at worst. More are closed at once. */
  connections: 10_000,
};
export type HttpLimits = typeof HTTP_LIMITS;

export interface ListenOptions {
  /**
   * A client may leave at any time: `request.signal` aborts, and reading its body then rejects.
   * What is thrown here becomes a 500 without content.
   */
  fetch(request: Request, client: Client): Response | Promise<Response>;
  /** Asked for each WebSocket; without it a request for one is answered like any other. */
  upgrade?: Upgrade;
  host: string;
  /** 0 asks the system for a free one. */
  port: number;
  /** Listens by TLS: HTTPS, and WebSockets over it. */
  tls?: Tls | undefined;
  /** The variable that sets the port, for the advice in an error; PORT unless told. */
  setting?: string;
  /** The same for the address; HOST unless told. */
  hostSetting?: string;
  /** The handler threw, and not because its client left. */
  onError?(error: unknown): void;
  limits?: Partial<HttpLimits>;
  socketLimits?: Partial<SocketLimits>;
}

export interface Listener {
  readonly host: string;
  readonly port: number;
  /** From now on each answer ends its connection, so that clients come back elsewhere. */
  leave(): void;
  /**
   * Stops accepting, ends idle connections and WebSockets (1001), lets running requests finish for
   * at most `graceMs`, then cuts them. Resolves when the last connection is gone.
   */
  close(graceMs?: number): Promise<void>;
}

/** Listens, or rejects with {@link ListenError}, whose message is meant for people. */
export async function listen(options: ListenOptions): Promise<Listener> {
  const limits = { ...HTTP_LIMITS, ...options.limits };
  const closing = { now: false };
  settleHttpShapes();
  const server = createListening(options.tls, {
    headersTimeout: limits.headersMs,
    requestTimeout: limits.requestMs,
    connectionsCheckingInterval: limits.checkEveryMs,
    // See cutQuietConnections.
    keepAliveTimeout: 0,
    maxHeaderSize: limits.headerBytes,
    // Any other upgrade (curl's h2c) is passed over, as RFC 9110 §7.8 allows, and answered in HTTP/1.1.
    shouldUpgradeCallback: (incoming) =>
      options.upgrade !== undefined && isWebSocketRequest(incoming),
  }, requestListener(options, limits, closing));
  server.maxConnections = limits.connections;
  const sockets = options.upgrade &&
    acceptWebSockets(server, options.upgrade, options.socketLimits, options.onError);
  cutQuietConnections(server, limits);
  await bind(server, options);
  letRequestsGo(server);
  const { address, port } = server.address() as AddressInfo;
  return {
    host: address,
    port,
    leave() {
      closing.now = true;
    },
    close(graceMs = CLOSE_GRACE_MS) {
      closing.now = true;
      sockets?.close();
      return drain(server, graceMs);
    },
  };
}

/** ms for the handshake of TLS: whoever never ends it holds no connection for longer. */
const HANDSHAKE_MS = 5_000;

function createListening(
  tls: Tls | undefined,
  limits: ServerOptions,
  listener: ReturnType<typeof requestListener>,
): Server {
  if (!tls) return createServer(limits, listener);
  return createSecureServer({ ...limits, ...tls, handshakeTimeout: HANDSHAKE_MS }, listener);
}

/** Most requests are answered within 100 ms; 5 s leave room for a report, and for a supervisor's patience. */
const CLOSE_GRACE_MS = 5_000;

/** Looking this often for connections that fell idle costs nothing and ends a drain promptly. */
const DRAIN_CHECK_MS = 25;

class Connection implements Client {
  readonly #incoming: IncomingMessage;

  constructor(incoming: IncomingMessage) {
    this.#incoming = incoming;
  }

  /** Read on demand: the first look at a connection's address is a system call. */
  get remoteAddress(): string {
    return dottedAddress(this.#incoming.socket.remoteAddress);
  }
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

function requestListener(
  { fetch, onError }: ListenOptions,
  { keepAliveMs }: HttpLimits,
  closing: { now: boolean },
) {
  const answer = getRequestListener(
    (request, env) => {
      const incoming = env.incoming as IncomingMessage;
      (request as Mutable<Request>).bytes = () => requestBytes(incoming);
      return fetch(request, new Connection(incoming));
    },
    {
      errorHandler(error) {
        if (error instanceof RequestError) return new Response(null, { status: 400 });
        if (!isClientGone(error)) onError?.(error);
        return new Response(null, { status: 500 });
      },
    },
  );
  return (incoming: IncomingMessage, outgoing: ServerResponse): void => {
    if (closing.now) outgoing.shouldKeepAlive = false;
    tellKeepAlive(outgoing, keepAliveMs);
    void answer(incoming, outgoing);
  };
}

/** What node:http rejects a body with when its client leaves; nothing to act on. */
function isClientGone(error: unknown): boolean {
  return error instanceof Error && error.message === 'aborted' && 'code' in error &&
    error.code === 'ECONNRESET';
}

function bind(
  server: Server,
  { host, port, setting = 'PORT', hostSetting = 'HOST' }: ListenOptions,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const at = { host, port, setting, hostSetting };
    const fail = (error: Error) => reject(ListenError.from(error, at));
    server.once('error', fail);
    server.listen({ host, port }, () => {
      server.off('error', fail);
      resolve();
    });
  });
}

function drain(server: Server, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const idle = setInterval(() => server.closeIdleConnections(), DRAIN_CHECK_MS);
    const cut = setTimeout(() => server.closeAllConnections(), graceMs);
    server.close(() => {
      clearInterval(idle);
      clearTimeout(cut);
      resolve();
    });
  });
}
