/**
 * A WebSocket of a stage in another process: each viewer at the gateway gets a connection to the
 * stage of its own. A viewer that does not keep up stops its connection, so that the stage sees by
 * its own buffers whom to leave updates out for, as if the viewer had come to it directly.
 */
import { WebSocket } from 'ws';
import { reasonOf } from '../reason.ts';
import type { Socket, SocketHandlers, Upgrade } from '../service.ts';
import { clientOf } from './clients.ts';
import { forwardedHeaders } from './forwarded.ts';
import { Upstreams } from './upstreams.ts';

/** Bounds on what one viewer can make the gateway hold. */
export const RELAY_LIMITS = {
  /** ms for a connection to the stage, handshake included. */
  connectMs: 2_000,
  /** ms without a word of the stage, which pings every 30 s, until it counts as lost. */
  silentMs: 75_000,
  /** Bytes that may wait for a viewer, or for the stage, before the other side is stopped. */
  waitingBytes: 128 * 1024,
  /** Messages of a viewer that may wait for the connection to the stage. */
  waitingMessages: 64,
  /** Bytes of one message of the stage: a snapshot has some hundred KB. */
  messageBytes: 16 * 1024 * 1024,
  /** ms the stage has to answer a close. */
  closeMs: 1_000,
};
export type RelayLimits = typeof RELAY_LIMITS;

export interface SocketRelayOptions {
  /** For messages. */
  stage: string;
  /** `http(s)://host:port`, at least one. */
  origins: readonly string[];
  /** Opens the door of a stage that is not on loopback. */
  key?: string | undefined;
  /** PEM of the authorities an `https` origin is trusted by; those of the runtime without it. */
  ca?: string | undefined;
  /** No origin gave a connection; the viewer was told to come back. */
  onError(error: Error): void;
  limits?: Partial<RelayLimits>;
}

/** Whoever routes requests here has decided that they may come. */
export function createSocketRelay(options: SocketRelayOptions): Upgrade {
  const upstreams = new Upstreams(options.origins);
  const limits = { ...RELAY_LIMITS, ...options.limits };
  return (request) => {
    const { pathname, search } = new URL(request.url);
    const headers = forwardedHeaders(request, clientOf(request)?.remoteAddress, options.key);
    return new Relay({ ...options, upstreams, limits, path: pathname + search, headers });
  };
}

/** Close codes, RFC 6455 §7.4 and its registry. */
const NORMAL = 1000;
const GOING_AWAY = 1001;
const NONE_GIVEN = 1005;
const BROKEN = 1006;
const STARTS_AGAIN = 1012;
const TRY_LATER = 1013;

interface RelaySetup extends SocketRelayOptions {
  upstreams: Upstreams;
  limits: RelayLimits;
  path: string;
  headers: Record<string, string>;
}

class Relay implements SocketHandlers {
  readonly #on: RelaySetup;
  readonly #waiting: string[] = [];
  #viewer: Socket | undefined;
  #upstream: WebSocket | undefined;
  #stopped = false;
  #left = false;

  constructor(setup: RelaySetup) {
    this.#on = setup;
  }

  // --- the viewer ---

  open(viewer: Socket): void {
    this.#viewer = viewer;
    this.#connect(this.#on.upstreams.inTurn(Date.now()), 'it has no address');
  }

  message(text: string): void {
    const { limits } = this.#on;
    const upstream = this.#upstream;
    if (upstream?.readyState === WebSocket.OPEN) {
      if (upstream.bufferedAmount <= limits.waitingBytes) return upstream.send(text);
    } else if (this.#waiting.push(text) <= limits.waitingMessages) return;
    this.#viewer?.close(TRY_LATER, `The ${this.#on.stage} stage does not keep up`);
  }

  close(code = BROKEN, reason = ''): void {
    this.#left = true;
    const upstream = this.#upstream;
    if (!upstream || upstream.readyState === WebSocket.CLOSED) return;
    if (upstream.readyState === WebSocket.CONNECTING) return upstream.terminate();
    // The answer to our close has to be read.
    upstream.resume();
    upstream.close(code === NONE_GIVEN ? NORMAL : code === BROKEN ? GOING_AWAY : code, reason);
    setTimeout(() => upstream.terminate(), this.#on.limits.closeMs).unref();
  }

  // --- the stage ---

  #connect([origin, ...others]: readonly string[], reason: string): void {
    const { stage, ca, upstreams, limits, path, headers, onError } = this.#on;
    if (origin === undefined) {
      onError(new Error(`The ${stage} stage does not answer: ${reason}`));
      return this.#viewer!.close(TRY_LATER, `The ${stage} stage does not answer`);
    }
    const upstream = new WebSocket(origin.replace(/^http/, 'ws') + path, {
      headers,
      handshakeTimeout: limits.connectMs,
      maxPayload: limits.messageBytes,
      perMessageDeflate: false,
      ...(ca && { ca }),
    });
    this.#upstream = upstream;
    const silence = setTimeout(() => this.#silent(silence), limits.silentMs).unref();
    let opened = false;
    let failure = reason;
    upstream.on('error', (error) => failure = reasonOf(error));
    upstream.on('ping', () => silence.refresh());
    upstream.on('open', () => {
      opened = true;
      upstreams.answered(origin);
      for (const text of this.#waiting.splice(0)) upstream.send(text);
    });
    upstream.on('message', (data) => {
      silence.refresh();
      this.#pass(data as Uint8Array);
    });
    upstream.on('close', (code, why) => {
      clearTimeout(silence);
      if (this.#left) return;
      if (opened) return this.#end(code, String(why));
      upstreams.failed(origin, Date.now());
      this.#connect(others, failure);
    });
  }

  #pass(text: Uint8Array): void {
    const viewer = this.#viewer!;
    viewer.send(text, () => this.#sent());
    if (this.#stopped || viewer.bufferedBytes <= this.#on.limits.waitingBytes) return;
    this.#stopped = true;
    this.#upstream!.pause();
  }

  /** The viewer has taken something. */
  #sent(): void {
    if (!this.#stopped || this.#viewer!.bufferedBytes > this.#on.limits.waitingBytes / 4) return;
    this.#stopped = false;
    this.#upstream!.resume();
  }

  /** Who is stopped hears nothing: it is the viewer's turn then, and the gateway watches viewers. */
  #silent(timer: NodeJS.Timeout): void {
    if (this.#stopped) timer.refresh();
    else this.#upstream!.terminate();
  }

  /** What the stage says goes on to the viewer; when the stage itself is gone, the exchange is not. */
  #end(code: number, reason: string): void {
    if (code === GOING_AWAY || code === BROKEN) {
      return this.#viewer!.close(STARTS_AGAIN, `The ${this.#on.stage} stage is gone: come back`);
    }
    this.#viewer!.close(code === NONE_GIVEN ? NORMAL : code, reason);
  }
}
