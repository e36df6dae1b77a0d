import {
  BatchGetProfilesResponse,
  LookUpProfilesResponse,
  Profile,
  type ProfileServiceClient,
  ProfileServiceDefinition,
} from '#proto/profile.ts';
import '#shared/runtime/http2-sessions.ts';
import type { Span } from '#shared/trace.ts';
import { ClientError, createChannel, createClient, Metadata, Status } from 'nice-grpc';
import { readLookUp, readProfile, readProfiles } from '../../proto/profile-reader.ts';
import { type LookUp, ProfileStream } from './profile-stream.ts';

export interface RemoteProfileClient
  extends Omit<ProfileServiceClient<{ span?: Span }>, 'lookUpProfiles'> {
  /** Gives up what is under way and lets the connection go. */
  close(): void;
}

interface Connection {
  client: ProfileServiceClient;
  lookUps: ProfileStream;
  /** On the clock of `performance`; before it the service is known for an older one, without such calls. */
  lookUpsFrom: number;
  close(): void;
}

/** ms after which an older service may have been replaced. */
const OLD_SERVICE_MS = 60_000;

/**
 * The profile service at `address` (`host:port`) by one channel: make one per process, never one
 * per call (grpc-node#2870). It connects at once and again by itself; calls made while the service
 * is unreachable reject soon with ClientError UNAVAILABLE.
 */
export function createRemoteProfileClient(address: string): RemoteProfileClient {
  let connection = connect(address);
  /** One call by the connection of the moment, which is replaced when it turns out to be dead. */
  const call = async <T>(run: (used: Connection) => Promise<T>): Promise<T> => {
    const used = connection;
    try {
      return await run(used);
    } catch (error) {
      if (error instanceof ClientError && DEAD_SESSION.test(error.details) && used === connection) {
        connection = connect(address);
        used.close();
      }
      throw error;
    }
  };
  return {
    getProfile: (request, options) => call(({ client }) => client.getProfile(request, options)),
    // Many at once, and all the time: in one long call.
    batchGetProfiles({ userIds = [] }, options) {
      const signal = options?.signal;
      const lookUp = (traceparent?: string) =>
        call((used) => askAll(used, { userIds, traceparent }, signal));
      return options?.span ? traced(address, options.span, lookUp) : lookUp();
    },
    putProfiles: (request, options) => call(({ client }) => client.putProfiles(request, options)),
    deleteProfile: (request, options) =>
      call(({ client }) => client.deleteProfile(request, options)),
    close: () => connection.close(),
  };
}

/** In the call that is open for it, or by one of its own where the service does not know such calls yet. */
async function askAll(
  used: Connection,
  lookUp: LookUp,
  signal: AbortSignal | undefined,
): Promise<BatchGetProfilesResponse> {
  if (performance.now() >= used.lookUpsFrom) {
    try {
      return await used.lookUps.ask(lookUp, signal);
    } catch (error) {
      if (!(error instanceof ClientError && error.code === Status.UNIMPLEMENTED)) throw error;
      used.lookUpsFrom = performance.now() + OLD_SERVICE_MS;
    }
  }
  const { userIds, traceparent } = lookUp;
  return await used.client.batchGetProfiles({ userIds: [...userIds] }, {
    ...(signal && { signal }),
    ...(traceparent && { metadata: Metadata({ traceparent }) }),
  });
}

/** A look-up below the span; whoever answers goes on by the traceparent it is given. */
async function traced<T>(
  address: string,
  above: Span,
  run: (traceparent: string) => Promise<T>,
): Promise<T> {
  const [, host, port] = /^(.*):(\d+)$/.exec(address)!;
  const method = `${fullName}/${methods.lookUpProfiles.name}`;
  const span = above.child(method, {
    kind: 'client',
    attributes: {
      'rpc.system.name': 'grpc',
      'rpc.method': method,
      'server.address': host,
      'server.port': Number(port),
    },
  });
  let code = Status.OK;
  try {
    return await run(span.traceparent);
  } catch (error) {
    // Given up for lack of time, it has no code of its own.
    code = error instanceof ClientError ? error.code : Status.CANCELLED;
    span.fail(Status[code]);
    throw error;
  } finally {
    span.set({ 'rpc.status_code': Status[code] });
    span.end();
  }
}

/**
 * A service that stops in the very moment of a new connection leaves grpc-js 1.14 with a session
 * that it holds for good and that has ended: every call would fail, for ever.
 */
const DEAD_SESSION = /Failed to start HTTP\/2 stream/;

/** ms; gRPC's own of 120,000 would leave bids unenriched for minutes after the service is back. */
const RECONNECT_MS_MAX = 1_000;
const RECONNECT_MS_FIRST = 100;
/** ms; of one attempt, for a peer that accepts the connection and then says nothing. */
const CONNECT_MS_MAX = 2_000;
/** ms; how soon a connection that a firewall dropped without a word is noticed. */
const KEEPALIVE_MS = 10_000;
const KEEPALIVE_ANSWER_MS = 2_000;
/**
 * Bytes on the way to us at most. A batch of 512 has about 220,000: with HTTP/2's 65,535 it would
 * stop and wait for our word three times.
 */
const WINDOW_BYTES = 1_048_576;

const { fullName, methods } = ProfileServiceDefinition;
const definition = {
  ...ProfileServiceDefinition,
  methods: {
    ...methods,
    getProfile: { ...methods.getProfile, responseType: { ...Profile, decode: readProfile } },
    batchGetProfiles: {
      ...methods.batchGetProfiles,
      responseType: { ...BatchGetProfilesResponse, decode: readProfiles },
    },
    lookUpProfiles: {
      ...methods.lookUpProfiles,
      responseType: { ...LookUpProfilesResponse, decode: readLookUp },
    },
  },
};

function connect(address: string): Connection {
  const channel = createChannel(address, undefined, {
    'grpc.initial_reconnect_backoff_ms': RECONNECT_MS_FIRST,
    'grpc.max_reconnect_backoff_ms': RECONNECT_MS_MAX,
    // By this name nice-grpc takes the limit of an attempt.
    'grpc.min_reconnect_backoff_ms': CONNECT_MS_MAX,
    'grpc.keepalive_time_ms': KEEPALIVE_MS,
    'grpc.keepalive_timeout_ms': KEEPALIVE_ANSWER_MS,
    // A second try would come after the deadline; the breaker in front decides when to ask again.
    'grpc.enable_retries': 0,
    'grpc.service_config_disable_resolution': 1,
    'grpc-node.flow_control_window': WINDOW_BYTES,
  });
  // Begins to connect now, so that the first auction does not wait for it.
  channel.getConnectivityState(true);
  const client: ProfileServiceClient = createClient(definition, channel);
  const lookUps = new ProfileStream((requests, options) =>
    client.lookUpProfiles(requests, options)
  );
  return {
    client,
    lookUps,
    lookUpsFrom: -Infinity,
    close() {
      lookUps.close();
      channel.close();
    },
  };
}
