/** The connection to Redis: kept up for ever, and never waited for longer than an answer may take. */
import { Cluster, Redis } from 'ioredis';
import { hostPort } from '../model/host-port.ts';
import { StoreError } from './store.ts';
import { type RedisAddress, showRedisAddress } from './store-url.ts';

export interface RedisLinkEvents {
  /** Told once of each reason for which there is no connection, and again when it was there meanwhile. */
  onError: (error: StoreError, about: { stage: 'connection' }) => void;
  /** Told when it is not there at first, in place of `onError`. */
  onWait?: (line: string) => void;
}

/** A single server, the master behind sentinels, or a cluster, whose commands go by their key. */
export type RedisClient = (Redis | Cluster) & {
  takeClaim(key: string, value: string, ttlMs: number): Promise<string | null>;
  freeClaim(key: string, value: string): Promise<number>;
};
export type RedisAction = 'read' | 'write' | 'check';

/** A Redis that takes longer is away: it answers in well under 10 ms, a batch included. */
const ANSWER_MS = 1_000;
const RECONNECT_MS_MAX = 1_000;

/** One key, so that it works on a cluster. A time of 0 is over at once, and no time for Redis. */
const CLAIM = `
  local taken = redis.call('GET', KEYS[1])
  if taken then return taken end
  if tonumber(ARGV[2]) > 0 then redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2]) end
  return false
`;
const RELEASE = `
  if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
  return redis.call('DEL', KEYS[1])
`;

/** How the client says that the connection went away under a call. */
const LOST = /^(Stream isn't writeable|Connection is closed|Cluster isn't ready|Reached the max)/;

export class RedisLink {
  readonly #client: RedisClient;
  readonly #shown: string;
  /** What is waited for when it is away. */
  readonly #waitedFor: string;
  readonly #events: RedisLinkEvents;
  /** Why there is no connection, as far as it is known. */
  #outage: string | undefined;
  /** Reasons since all was well: nodes of a cluster that are away fail in turn, at each call. */
  readonly #told = new Set<string>();
  #opened = false;
  #closed = false;

  constructor(address: RedisAddress, events: RedisLinkEvents) {
    this.#shown = showRedisAddress(address);
    this.#waitedFor = address.kind === 'single'
      ? `Redis at ${hostPort(address.hosts[0]!)}`
      : `Redis by ${this.#shown}`;
    this.#events = events;
    this.#client = connect(address);
    this.#client.on('error', (error: Error) => this.#lost(error));
    this.#client.on('node error', (error: Error) => this.#lost(error));
    this.#client.on('ready', () => this.#recovered());
  }

  /** Resolves when Redis answers, or when it should have. */
  async open(): Promise<void> {
    const ready = new Promise((resolve) => this.#client.once('ready', resolve));
    await within(ANSWER_MS, ready).catch(() => this.#events.onWait?.(this.#away()));
    this.#opened = true;
  }

  /**
   * Sends to a Redis that is there. What is sent may be done although this rejects.
   * @throws {StoreError} `unavailable`
   */
  async ask<T>(action: RedisAction, send: (client: RedisClient) => Promise<T>): Promise<T> {
    if (this.#client.status !== 'ready') throw this.failure(action, 'unavailable', this.#away());
    try {
      return await within(ANSWER_MS, send(this.#client));
    } catch (error) {
      const reason = reasonOf(error as Error);
      throw this.failure(action, 'unavailable', LOST.test(reason) ? this.#away() : reason);
    }
  }

  /** Each holds a part of the keys; rejects unless all of them are there. */
  async masters(action: RedisAction): Promise<(Redis | Cluster)[]> {
    return await this.ask(action, async (client: Redis | Cluster) => {
      if (!(client instanceof Cluster)) return [client];
      const masters = client.nodes('master');
      const info = await client.cluster('INFO');
      const [, state, size] = /cluster_state:(\w+)[^]*cluster_size:(\d+)/.exec(info) ?? [];
      if (state === 'ok' && masters.length === Number(size)) return masters;
      // A node that was away is forgotten until a command is meant for it, or the map is read again.
      client.refreshSlotsCache();
      throw new Error(`of its ${size} masters ${masters.length} are there, its state is ${state}`);
    });
  }

  async check(): Promise<void> {
    const masters = await this.masters('check');
    await this.ask('check', () => Promise.all(masters.map((node) => node.ping())));
    // A cluster stays ready without a node, and does not say so when that is back.
    this.#recovered();
  }

  close(): void {
    this.#closed = true;
    this.#client.disconnect();
  }

  /** Without the client's error as its cause: that one holds the command, with the password in it. */
  failure(action: RedisAction, code: StoreError['code'], reason: string): StoreError {
    return new StoreError(code, `Cannot ${action} the store ${this.#shown}: ${reason}`);
  }

  #away(): string {
    return `waiting for ${this.#waitedFor}${this.#outage ? `: ${this.#outage}` : ''}`;
  }

  #recovered(): void {
    this.#outage = undefined;
    this.#told.clear();
  }

  #lost(error: Error): void {
    const reason = reasonOf(error);
    // That a call found no connection says less than why there is none.
    if (this.#closed || (this.#outage !== undefined && LOST.test(reason))) return;
    this.#outage = reason;
    if (this.#told.has(reason)) return;
    this.#told.add(reason);
    if (!this.#opened) return;
    this.#events.onError(this.failure('check', 'unavailable', this.#away()), {
      stage: 'connection',
    });
  }
}

function connect({ kind, tls, hosts, name, db, username, password }: RedisAddress): RedisClient {
  // No auto-pipelining: it halves batches (140,000 instead of 270,000 profiles/s by MGET of 512), for
  // it looks for the keys of every command, and it keeps single calls waiting for those before them.
  const shared = {
    scripts: {
      takeClaim: { lua: CLAIM, numberOfKeys: 1 },
      freeClaim: { lua: RELEASE, numberOfKeys: 1 },
    },
  };
  const server = {
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(tls && { tls: {} }),
    connectTimeout: ANSWER_MS,
    // A server that vanished without a word is found out by its silence.
    socketTimeout: ANSWER_MS,
    // What was sent and not answered may have been done: it is not sent again.
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    // A master that became a replica while we stayed connected.
    reconnectOnError: (error: Error) => error.message.startsWith('READONLY'),
  };
  const client = kind === 'cluster'
    ? new Cluster(hosts, {
      ...shared,
      redisOptions: server,
      // Nodes are connected to by the first command, which others then wait for.
      enableOfflineQueue: true,
      clusterRetryStrategy: reconnectMs,
      // Nodes that moved say so themselves, and the client's timer outlives it when it is closed at the
      // wrong moment.
      slotsRefreshInterval: 0,
      retryDelayOnFailover: 0,
      retryDelayOnClusterDown: 0,
    })
    : new Redis({
      ...shared,
      ...server,
      ...(kind === 'sentinel'
        ? { sentinels: hosts, name, sentinelRetryStrategy: reconnectMs, failoverDetector: true }
        : hosts[0]!),
      db,
      enableOfflineQueue: false,
      retryStrategy: reconnectMs,
    });
  return client as RedisClient;
}

function reconnectMs(times: number): number {
  return Math.min(50 * 2 ** times, RECONNECT_MS_MAX);
}

function reasonOf(error: Error & { code?: string; errors?: Error[] }): string {
  const text = error.message || error.errors?.[0]?.message || error.code || error.name;
  return /^(WRONGPASS|NOAUTH)/.test(text) ? `it refuses user and password (${text})` : text;
}

/** Rejects when `promise` takes longer; what it comes to then is nobody's matter. */
async function within<T>(ms: number, promise: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer in ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
