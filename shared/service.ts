/** What every stage is: a web-standard handler with a life. Made by `create<Stage>(dependencies)`. */
export interface Service {
  /** Stage name, as on the command line. */
  readonly name: StageName;
  fetch(request: Request): Response | Promise<Response>;
  /** Answers a request to go on as a WebSocket; a stage without one has none. */
  upgrade?: Upgrade;
  start(): Promise<void>;
  /** Resolves when the stage can do its work, rejects with an Error whose message says why not. */
  ready(): Promise<void>;
  /** Finishes what was begun and lets go; called in the order of the pipeline. */
  close(): Promise<void>;
}

export const STAGES = [
  'gateway',
  'profile',
  'bidding',
  'auction',
  'analytics',
  'clickhouse',
  'web',
] as const;
export type StageName = (typeof STAGES)[number];

/** Answers a request for another stage: in process, or over HTTP. */
export type Route = (request: Request) => Response | Promise<Response>;

/** Accepts a WebSocket, or says in a plain answer why not. */
export type Upgrade = (
  request: Request,
) => SocketHandlers | Response | Promise<SocketHandlers | Response>;

/** What becomes of one WebSocket. Called in order; nothing comes after `close`. */
export interface SocketHandlers {
  open(socket: Socket): void;
  /** A text, at most as long as the listener allows. */
  message(text: string): void;
  /**
   * It has ended, whoever ended it, with the code of the other side (1005: none, 1006: it broke); not
   * called for one that was never open.
   */
  close(code?: number, reason?: string): void;
}

export interface Socket {
  /**
   * Never blocks: what the other side does not take waits in memory. Ignored once it is closed.
   * @param text or its UTF-8.
   * @param sent told when it has left this process, or never will.
   */
  send(text: string | Uint8Array, sent?: () => void): void;
  /** Bytes that wait: whoever sends without being asked MUST look before. */
  readonly bufferedBytes: number;
  /** @param code RFC 6455 §7.4.1; 1000 unless told. */
  close(code?: number, reason?: string): void;
}

/** The time; a fake one in tests. */
export interface Clock {
  /** Epoch ms, whole. */
  now(): number;
  /** The same with fractions, for how long things take; within half a ms of it. */
  fine?(): number;
}
export const systemClock: Clock = { now: () => Date.now(), fine: fineNow };

/** A clock without fractions tells whole ms. */
export function fineTime(clock: Clock): number {
  return clock.fine ? clock.fine() : clock.now();
}

let ahead = performance.timeOrigin;

/** As fine as a duration needs, and with the system's clock when that is set. */
export function fineNow(): number {
  const ticks = performance.now();
  const wall = Date.now();
  const beside = ticks + ahead - wall;
  // What is told in whole ms is up to one behind.
  if (beside < -0.5 || beside > 1.5) ahead = wall + 0.5 - ticks;
  return ticks + ahead;
}
