/**
 * Which requests are under way, as node:http of Deno 2.9 notes them to cut those that take too long: in
 * a Map, by socket. A Map that gets and loses entries keeps what has gone up to the next full garbage
 * collection (see TurnoverMap), here every request with its body: 1.6 kB each, 10 MB/s of a busy
 * exchange, and collections of the young generation that took five times as long.
 */
import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import { replaceInnerMap } from './inner-map.ts';

/** What is noted of a request. */
interface Active {
  headersCompleted: boolean;
  /** ms */
  startTime: number;
  req: IncomingMessage | null;
}

/** Of a socket that waits for its next request: never late. */
const WAITING: Active = Object.freeze({ headersCompleted: true, startTime: Infinity, req: null });

/** A place for each socket as long as it is open. */
class ActiveRequests extends Map<Socket, Active> {
  override get(socket: Socket): Active | undefined {
    const active = super.get(socket);
    return active === WAITING ? undefined : active;
  }

  override has(socket: Socket): boolean {
    return this.get(socket) !== undefined;
  }

  override set(socket: Socket, active: Active): this {
    if (!super.has(socket)) socket.once('close', () => super.delete(socket));
    return super.set(socket, active);
  }

  override delete(socket: Socket): boolean {
    if (!this.has(socket)) return false;
    super.set(socket, WAITING);
    return true;
  }
}

/** For a server that listens and has no connection yet. Node notes nothing in a Map: there it does nothing. */
export function letRequestsGo(server: Server): void {
  replaceInnerMap(server, '_active', () => new ActiveRequests());
}
