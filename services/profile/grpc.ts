/** The service on the wire: `proto/profile.proto` and `grpc.health.v1`. */
import { type LookUpProfilesRequest, ProfileServiceDefinition } from '#proto/profile.ts';
import { describeError, type Log } from '#shared/log.ts';
import type { Metrics } from '#shared/metrics.ts';
import { within } from '#shared/model/within.ts';
import '#shared/runtime/http2-sessions.ts';
import { isSampled, isTraceparent, type Span, type Tracer } from '#shared/trace.ts';
import { type CallContext, createServer, type Server, ServerError, Status } from 'nice-grpc';
import { HealthDefinition, HealthServiceImpl, HealthState } from 'nice-grpc-server-health';
import { inAnyOrder } from './in-any-order.ts';
import type { ProfileService } from './profile-service.ts';
import { bytesDefinition, type LookUpAnswer } from './wire.ts';

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
/** Look-ups of one call that are answered at once; each asks the store in one command. */
const LOOK_UPS_AT_ONCE = 64;

export function createProfileServer(options: GrpcOptions): ProfileServer {
  const { service, check } = options;
  const server = createServer({
    'grpc.max_concurrent_streams': STREAMS_MAX,
    'grpc-node.flow_control_window': WINDOW_BYTES,
  });
  const observed = observe(options);
  /** A call that is answered once. */
  const unary = <Request, Answer>(method: string, call: (request: Request) => Promise<Answer>) => {
    const watched = observed(method, call);
    return (request: Request, { metadata }: CallContext) =>
      watched(request, () => metadata.get('traceparent'));
  };
  const closing = new AbortController();
  const lookUp = observed(
    'LookUpProfiles',
    ({ userIds }: LookUpProfilesRequest) => service.batchGet(userIds),
  );
  const answerLookUp = async (request: LookUpProfilesRequest): Promise<LookUpAnswer> => {
    const { id } = request;
    try {
      return { id, entries: await lookUp(request, () => request.traceparent) };
    } catch (error) {
      const { code, details } = error as ServerError;
      return { id, entries: [], code, details };
    }
  };
  server.add(bytesDefinition, {
    getProfile: unary('GetProfile', ({ userId }) => service.get(userId)),
    batchGetProfiles: unary('BatchGetProfiles', ({ userIds }) => service.batchGet(userIds)),
    lookUpProfiles: (requests) =>
      inAnyOrder(requests, answerLookUp, { atOnce: LOOK_UPS_AT_ONCE, closing: closing.signal }),
    putProfiles: unary('PutProfiles', async ({ profiles }) => ({
      stored: await service.put(profiles),
    })),
    deleteProfile: unary('DeleteProfile', async ({ userId }) => ({
      deleted: await service.delete(userId),
    })),
  });
  const health = addHealth(server, check);
  return {
    listen: (address) => server.listen(address),
    async close() {
      health.stop();
      closing.abort();
      await within(server.shutdown(), DRAIN_MS);
      server.forceShutdown();
    },
  };
}

/** Counts, times and traces calls and look-ups; a bug is INTERNAL to the caller, and logged. */
function observe({ log, metrics, tracer }: GrpcOptions) {
  const calls = metrics.counter('helios_profile_calls_total', 'gRPC calls', ['method', 'code']);
  const latency = metrics.latency('helios_profile_call_seconds', 'Time of a gRPC call', ['method']);
  return <Request, Answer>(method: string, call: (request: Request) => Promise<Answer>) => {
    const seconds = latency({ method });
    const succeeded = calls({ method, code: 'OK' });
    return async (request: Request, above: () => string | undefined): Promise<Answer> => {
      const began = performance.now();
      const span = tracer && serverSpan(tracer, method, above());
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
function serverSpan(
  tracer: Tracer,
  method: string,
  parent: string | undefined,
): Span | undefined {
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
