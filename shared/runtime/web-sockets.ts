/**
 * WebSockets on a node:http server, by the package ws, the same on both runtimes. A socket can ask
 * for little and hold up nobody: small messages, no compression, ended when it no longer answers.
 */
import { Buffer } from 'node:buffer';
import { type IncomingMessage, type Server, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocket, WebSocketServer } from 'ws';
import { problem } from '../problem.ts';
import type { Socket, SocketHandlers, Upgrade } from '../service.ts';
import { dottedAddress, rememberClient } from './clients.ts';

/** Bounds on what sockets can make us hold. */
const SOCKET_LIMITS = {
  /** Open sockets; more are answered 503. */
  sockets: 5_000,
  /** Bytes of one message of a client: subscriptions and the like. */
  messageBytes: 4 * 1024,
  /** ms between pings; one that has answered nothing by the next is gone. */
  heartbeatMs: 30_000,
  /** ms a client has to answer our close; then its connection is cut. */
  closeMs: 500,
};
export type SocketLimits = typeof SOCKET_LIMITS;

export interface WebSockets {
  /** Ends all sockets (1001, going away) and accepts no more; does not wait for their clients. */
  close(): void;
}

export function isWebSocketRequest({ headers }: IncomingMessage): boolean {
  return headers.upgrade?.toLowerCase() === 'websocket';
}

/** Asks `upgrade` for each WebSocket; what it or a handler throws goes to `onError`. */
export function acceptWebSockets(
  server: Server,
  upgrade: Upgrade,
  given: Partial<SocketLimits> = {},
  onError: (error: unknown) => void = () => {},
): WebSockets {
  const limits = { ...SOCKET_LIMITS, ...given };
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: limits.messageBytes,
    perMessageDeflate: false,
  });
  let closing = false;
  server.on('upgrade', (incoming: IncomingMessage, stream: Duplex, head: Buffer) => {
    // Whoever leaves while it is decided is no error of ours.
    stream.on('error', () => stream.destroy());
    decide(incoming).then((decision) => {
      if (decision instanceof Response) return answer(stream, decision);
      if (closing) return void stream.destroy();
      sockets.handleUpgrade(incoming, stream, head, (client) => live(client, decision, onError));
    }).catch((error) => {
      onError(error);
      stream.destroy();
    });
  });
  const heartbeat = keepAlive(sockets, limits.heartbeatMs);
  return {
    close() {
      closing = true;
      clearInterval(heartbeat);
      for (const client of sockets.clients) client.close(GOING_AWAY, 'The exchange is closing');
      setTimeout(() => {
        for (const client of sockets.clients) client.terminate();
      }, limits.closeMs).unref();
    },
  };

  async function decide(incoming: IncomingMessage): Promise<SocketHandlers | Response> {
    if (closing || sockets.clients.size >= limits.sockets) {
      const error = closing ? 'The exchange is closing' : 'Too many sockets are open';
      return problem(503, error, { 'retry-after': '1' });
    }
    const request = requestOf(incoming);
    if (!request) return problem(400, 'The request cannot be read');
    const { remoteAddress } = incoming.socket;
    rememberClient(request, { remoteAddress: dottedAddress(remoteAddress) });
    try {
      return await upgrade(request);
    } catch (error) {
      onError(error);
      return new Response(null, { status: 500 });
    }
  }
}

/** Close codes of RFC 6455 §7.4.1. */
const GOING_AWAY = 1001;
const TEXT_ONLY = 1003;
const FAILED = 1011;

/** Connects a client to its handlers. Frames that break the protocol are closed by ws itself. */
function live(
  client: WebSocket,
  handlers: SocketHandlers,
  onError: (error: unknown) => void,
): void {
  const guard = (work: () => void): void => {
    try {
      work();
    } catch (error) {
      onError(error);
      client.close(FAILED);
    }
  };
  client.on('error', () => {});
  client.on('message', (data, binary) => {
    alive.add(client);
    if (client.readyState !== WebSocket.OPEN) return;
    if (binary) client.close(TEXT_ONLY, 'Only texts are taken here');
    else guard(() => handlers.message(String(data)));
  });
  client.on('pong', () => alive.add(client));
  client.on('close', (code, reason) => guard(() => handlers.close(code, String(reason))));
  alive.add(client);
  guard(() => handlers.open(socketOf(client)));
}

function socketOf(client: WebSocket): Socket {
  return {
    send(text, sent) {
      if (client.readyState !== WebSocket.OPEN) return sent?.();
      client.send(bytesOf(text), TEXT, sent && (() => sent()));
    },
    get bufferedBytes() {
      return client.bufferedAmount;
    },
    close: (code = 1000, reason = '') => client.close(code, reason),
  };
}
const TEXT = { binary: false };

/** One text mostly goes to many sockets in a row: it is encoded for the first of them. */
let lastText = '';
let lastBytes = Buffer.alloc(0);
function bytesOf(text: string | Uint8Array): Uint8Array {
  if (typeof text !== 'string') return text;
  if (text !== lastText) {
    lastBytes = Buffer.from(text);
    lastText = text;
  }
  return lastBytes;
}

/** Clients heard of since the last ping. */
const alive = new WeakSet<WebSocket>();

function keepAlive(sockets: WebSocketServer, heartbeatMs: number): NodeJS.Timeout {
  const timer = setInterval(() => {
    for (const client of sockets.clients) {
      if (!alive.delete(client)) client.terminate();
      else if (client.readyState === WebSocket.OPEN) client.ping();
    }
  }, heartbeatMs);
  return timer.unref();
}

/** Undefined when `Host` or the path make no URL. */
function requestOf(
  { url = '/', headers, rawHeaders, socket }: IncomingMessage,
): Request | undefined {
  try {
    const given = new Headers();
    for (let i = 0; i < rawHeaders.length; i += 2) given.append(rawHeaders[i]!, rawHeaders[i + 1]!);
    const scheme = 'encrypted' in socket && socket.encrypted ? 'https' : 'http';
    const target = new URL(url, `${scheme}://${headers.host ?? ''}`);
    return new Request(target, { headers: given });
  } catch {
    return undefined;
  }
}

/** A plain answer on a connection that is to end with it. */
async function answer(stream: Duplex, response: Response): Promise<void> {
  const body = Buffer.from(await response.arrayBuffer());
  const lines = [`HTTP/1.1 ${response.status} ${STATUS_CODES[response.status] ?? ''}`];
  for (const [name, value] of response.headers) lines.push(`${name}: ${value}`);
  lines.push('connection: close', `content-length: ${body.length}`, '', '');
  // Nobody else looks after it any more: a client that keeps its own side open would hold it for good.
  stream.once('finish', () => stream.destroy());
  stream.end(Buffer.concat([Buffer.from(lines.join('\r\n')), body]));
}
