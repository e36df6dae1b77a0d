import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** ms after which a connection on which nothing moves is cut. */
export interface QuietLimits {
  /** While an answer waits for its client. */
  stalledMs: number;
  /** While it waits for its next request. */
  keepAliveMs: number;
}

/** Looks in the shorter of the two times: a connection is cut up to twice the time between them too late. */
const LOOKS = 4;

/** What node:http holds of a connection, the same on both runtimes. */
interface HttpSocket extends Socket {
  /** Where requests are read; none of a WebSocket, or of the connection below one by TLS. */
  parser?: object | null;
  /** The answer under way. */
  _httpMessage?: ServerResponse | null;
}

/** Bytes so far, and when they last grew. */
interface Traffic {
  read: number;
  sent: number;
  readAt: number;
  sentAt: number;
}

/**
 * Cuts clients that ask and then do not take their answer, the other half of a slow-loris attack, and
 * connections that nobody uses any more. `server.setTimeout` and `keepAliveTimeout` would do it too, but
 * arm a timer for every request: measured on Deno 2.9.6, 10 µs of 48 the one, and 130 bytes that live up
 * to the next full collection the other. Looking at all connections once in a while costs a request nothing.
 *
 * One whose answer is a single large chunk must have taken all of it in time; a stream only has to move.
 */
export function cutQuietConnections(server: Server, limits: QuietLimits): void {
  const watched = new Map<HttpSocket, Traffic>();
  const watch = (socket: HttpSocket): void => {
    const now = performance.now();
    watched.set(socket, { read: 0, sent: 0, readAt: now, sentAt: now });
    socket.once('close', () => watched.delete(socket));
  };
  server.on('connection', watch);
  // By TLS it is this one that holds what waits; the connection below has passed it on.
  server.on('secureConnection', watch);
  const look = setInterval(() => {
    const now = performance.now();
    for (const [socket, traffic] of watched) {
      note(socket, traffic, now);
      if (isTooQuiet(socket, traffic, now, limits)) socket.destroy();
    }
  }, Math.min(limits.stalledMs, limits.keepAliveMs) / LOOKS);
  look.unref();
  server.on('close', () => clearInterval(look));
}

function note(socket: Socket, traffic: Traffic, now: number): void {
  const { bytesRead, bytesWritten } = socket;
  if (bytesRead !== traffic.read) Object.assign(traffic, { read: bytesRead, readAt: now });
  if (bytesWritten !== traffic.sent) Object.assign(traffic, { sent: bytesWritten, sentAt: now });
}

function isTooQuiet(
  socket: HttpSocket,
  { readAt, sentAt }: Traffic,
  now: number,
  { stalledMs, keepAliveMs }: QuietLimits,
): boolean {
  if (socket.writableLength > 0) return now - sentAt >= stalledMs;
  const isIdle = socket.parser && !socket._httpMessage;
  return isIdle ? now - Math.max(readAt, sentAt) >= keepAliveMs : false;
}

/** What the answer tells its client of it, as node:http would with a timer of its own. */
export function tellKeepAlive(outgoing: ServerResponse, keepAliveMs: number): void {
  (outgoing as ServerResponse & { _keepAliveTimeout: number })._keepAliveTimeout = keepAliveMs;
}
