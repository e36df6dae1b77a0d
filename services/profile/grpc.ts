/** The service on the wire: `proto/profile.proto` and `grpc.health.v1`. */
import { ProfileServiceDefinition } from '#proto/profile.ts';
import { describeError, type Log } from '#shared/log.ts';
import type { Metrics } from '#shared/metrics.ts';
import '#shared/runtime/http2-sessions.ts';
import { isSampled, isTraceparent, type Span, type Tracer } from '#shared/trace.ts';
import { type CallContext, createServer, type Server, ServerError, Status } from 'nice-grpc';
import { HealthDefinition, HealthServiceImpl, HealthState } from 'nice-grpc-server-health';
import type { CachedProfile } from './profile-cache.ts';
import type { ProfileService } from './profile-service.ts';

export interface GrpcOptions {
  service: ProfileService;
  /** Rejects with the reason when the service cannot do its work. */
  check: () => Promise<void>;
  log: Log;
  metrics: Metrics;
  tracer?: Tracer | undefined;
}

export interface ProfileServer {
  /** Resolves to the port; `host:port` as for a URL, port 0 for any free one. */
  listen(address: string): Promise<number>;
  /** Takes no more calls, waits for those that run, at most {@link DRAIN_MS}. */
  close(): Promise<void>;
}

/** ms; a call takes a few, only a health watcher stays longer. */
const DRAIN_MS = 2_000;
/** Calls at once on one connection, the rest wait at the client: bounds the memory one client takes. */
const STREAMS_MAX = 256;
/** Bytes on the way to us at most: a PutProfiles of some hundred profiles comes without a stop. */
const WINDOW_BYTES = 1_048_576;

export function createProfileServer(options: GrpcOptions): ProfileServer {
  const { service, check } = options;
  const server = createServer({
    'grpc.max_concurrent_streams': STREAMS_MAX,
    'grpc-node.flow_control_window': WINDOW_BYTES,
  });
  const observed = observe(options);
  server.add(bytesDefinition, {
    getProfile: observed('GetProfile', ({ userId }) => service.get(userId)),
    batchGetProfiles: observed('BatchGetProfiles', ({ userIds }) => service.batchGet(userIds)),
    putProfiles: observed('PutProfiles', async ({ profiles }) => ({
      stored: await service.put(profiles),
    })),
    deleteProfile: observed('DeleteProfile', async ({ userId }) => ({
      deleted: await service.delete(userId),
    })),
  });
  const health = addHealth(server, check);
  return {
    listen: (address) => server.listen(address),
    async close() {
      health.stop();
      const { promise: late, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, DRAIN_MS);
      await Promise.race([server.shutdown(), late]);
      clearTimeout(timer);
      server.forceShutdown();
    },
  };
}

const { methods } = ProfileServiceDefinition;

/**
 * Profiles leave as they are stored: without being decoded and encoded again a batch costs a tenth.
 * On the wire it is the same as {@link ProfileServiceDefinition}.
 */
const bytesDefinition = {
  ...ProfileServiceDefinition,
  methods: {
    ...methods,
    getProfile: {
      ...methods.getProfile,
      responseType: {
        encode: ({ bytes }: CachedProfile) => ({ finish: () => bytes }),
        decode: onlySent,
      },
    },
    batchGetProfiles: {
      ...methods.batchGetProfiles,
      responseType: {
        encode: (entries: CachedProfile[]) => ({ finish: () => joinProfiles(entries) }),
        decode: onlySent,
      },
    },
  },
};

function onlySent(): never {
  throw new Error('Cannot decode an answer: this side only sends them');
}

/** `BatchGetProfilesResponse`: before each profile the tag of field 1 and its length as a varint. */
export function joinProfiles(entries: readonly { bytes: Uint8Array }[]): Uint8Array {
  let length = 0;
  for (const { bytes } of entries) length += 1 + varintLength(bytes.length) + bytes.length;
  const joined = new Uint8Array(length);
  let at = 0;
  for (const { bytes } of entries) {
    joined[at++] = FIELD_1_BYTES;
    let rest = bytes.length;
    for (; rest > 0x7f; rest >>>= 7) joined[at++] = (rest & 0x7f) | 0x80;
    joined[at++] = rest;
    joined.set(bytes, at);
    at += bytes.length;
  }
  return joined;
}

/** Field number 1, wire type 2: https://protobuf.dev/programming-guides/encoding */
const FIELD_1_BYTES = (1 << 3) | 2;

function varintLength(value: number): number {
  return value < 2 ** 7 ? 1 : value < 2 ** 14 ? 2 : value < 2 ** 21 ? 3 : 4;
}

/** Counts, times and traces calls; a bug answers INTERNAL and is logged. */
function observe({ log, metrics, tracer }: GrpcOptions) {
  const calls = metrics.counter('helios_profile_calls_total', 'gRPC calls', ['method', 'code']);
  const latency = metrics.latency('helios_profile_call_seconds', 'Time of a gRPC call', ['method']);
  return <Request, Answer>(method: string, call: (request: Request) => Promise<Answer>) => {
    const seconds = latency({ method });
    const succeeded = calls({ method, code: 'OK' });
    return async (request: Request, context: CallContext): Promise<Answer> => {
      const began = performance.now();
      const span = tracer && serverSpan(tracer, method, context);
      try {
        const answer = await call(request);
        succeeded.inc();
        span?.set({ 'rpc.status_code': 'OK' });
        return answer;
      } catch (error) {
        const code = error instanceof ServerError ? error.code : Status.INTERNAL;
        calls({ method, code: Status[code] }).inc();
        span?.set({ 'rpc.status_code': Status[code] });
        if (SERVER_FAULTS.has(code)) span?.fail(Status[code]);
        if (error instanceof ServerError) throw error;
        log.error('profile_call_failed', { method, error });
        throw new ServerError(Status.INTERNAL, describeError(error));
      } finally {
        seconds.observe((performance.now() - began) / 1_000);
        span?.end();
      }
    };
  };
}

/** What the caller did wrong is no failure of this side. */
const SERVER_FAULTS: ReadonlySet<Status> = new Set([Status.INTERNAL, Status.UNAVAILABLE]);

/** Below the caller's span when its trace is kept; a call does not begin a trace. */
function serverSpan(tracer: Tracer, method: string, { metadata }: CallContext): Span | undefined {
  const parent = metadata.get('traceparent');
  if (!isTraceparent(parent) || !isSampled(parent)) return undefined;
  const name = `${ProfileServiceDefinition.fullName}/${method}`;
  const attributes = { 'rpc.system.name': 'grpc', 'rpc.method': name };
  return tracer.begin(name, parent, { kind: 'server', attributes });
}

/** `check` is asked at each Check; watchers hear of what the last one found. */
function addHealth(server: Server, check: () => Promise<void>): { stop(): void } {
  const state = HealthState();
  const names = ['', ProfileServiceDefinition.fullName];
  const set = (status: 'healthy' | 'unhealthy') => names.forEach((n) => state.setStatus(status, n));
  let stopped = false;
  set('healthy');
  const health = HealthServiceImpl(state);
  server.add(HealthDefinition, {
    ...health,
    async check(request, context) {
      const healthy = await check().then(() => !stopped, () => false);
      set(healthy ? 'healthy' : 'unhealthy');
      return await health.check(request, context);
    },
  });
  return {
    stop() {
      stopped = true;
      set('unhealthy');
    },
  };
}
