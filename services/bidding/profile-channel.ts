import {
  BatchGetProfilesResponse,
  Profile,
  type ProfileServiceClient,
  ProfileServiceDefinition,
} from '#proto/profile.ts';
import '#shared/runtime/http2-sessions.ts';
import type { Span } from '#shared/trace.ts';
import {
  type CallOptions,
  ClientError,
  createChannel,
  createClient,
  Metadata,
  Status,
} from 'nice-grpc';
import { readProfile, readProfiles } from '../../proto/profile-reader.ts';

export interface RemoteProfileClient extends ProfileServiceClient<{ span?: Span }> {
  /** Gives up what is under way and lets the connection go. */
  close(): void;
}

/**
 * The profile service at `address` (`host:port`) by one channel: make one per process, never one
 * per call (grpc-node#2870). It connects at once and again by itself; calls made while the service
 * is unreachable reject soon with ClientError UNAVAILABLE.
 */
export function createRemoteProfileClient(address: string): RemoteProfileClient {
  let connection = connect(address);
  /** One call by the connection of the moment, which is replaced when it turns out to be dead. */
  const call = async <T>(run: (client: ProfileServiceClient) => Promise<T>): Promise<T> => {
    const used = connection;
    try {
      return await run(used.client);
    } catch (error) {
      if (error instanceof ClientError && DEAD_SESSION.test(error.details) && used === connection) {
        connection = connect(address);
        used.close();
      }
      throw error;
    }
  };
  return {
    getProfile: (request, options) => call((client) => client.getProfile(request, options)),
    batchGetProfiles: (request, options) =>
      options?.span
        ? traced(
          'BatchGetProfiles',
          address,
          options,
          (within) => call((client) => client.batchGetProfiles(request, within)),
        )
        : call((client) => client.batchGetProfiles(request, options)),
    putProfiles: (request, options) => call((client) => client.putProfiles(request, options)),
    deleteProfile: (request, options) => call((client) => client.deleteProfile(request, options)),
    close: () => connection.close(),
  };
}

/** A call below the span it is told of; whoever answers goes on by the metadata's `traceparent`. */
async function traced<T>(
  method: string,
  address: string,
  { span: above, signal }: CallOptions & { span?: Span },
  run: (options: CallOptions) => Promise<T>,
): Promise<T> {
  const { fullName } = ProfileServiceDefinition;
  const [, host, port] = /^(.*):(\d+)$/.exec(address)!;
  const span = above!.child(`${fullName}/${method}`, {
    kind: 'client',
    attributes: {
      'rpc.system.name': 'grpc',
      'rpc.method': `${fullName}/${method}`,
      'server.address': host,
      'server.port': Number(port),
    },
  });
  const metadata = Metadata({ traceparent: span.traceparent });
  let code = Status.OK;
  try {
    return await run({ ...(signal && { signal }), metadata });
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

const { methods } = ProfileServiceDefinition;
const definition = {
  ...ProfileServiceDefinition,
  methods: {
    ...methods,
    getProfile: { ...methods.getProfile, responseType: { ...Profile, decode: readProfile } },
    batchGetProfiles: {
      ...methods.batchGetProfiles,
      responseType: { ...BatchGetProfilesResponse, decode: readProfiles },
    },
  },
};

function connect(address: string): { client: ProfileServiceClient; close(): void } {
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
  return {
    client: createClient(definition, channel),
    close: () => channel.close(),
  };
}
