import { type ProfileServiceClient, ProfileServiceDefinition } from '#proto/profile.ts';
import '#shared/runtime/http2-goaway.ts';
import { createChannel, createClient } from 'nice-grpc';

export interface RemoteProfileClient extends ProfileServiceClient {
  /** Gives up what is under way and lets the connection go. */
  close(): void;
}

/** ms; gRPC's own of 120,000 would leave bids unenriched for minutes after the service is back. */
const RECONNECT_MS_MAX = 1_000;
const RECONNECT_MS_FIRST = 100;
/** ms; nice-grpc's limit of one attempt to connect, under a name that gRPC uses for it too. */
const CONNECT_MS_MAX = 2_000;
/** ms; how soon a connection that a firewall dropped without a word is noticed. */
const KEEPALIVE_MS = 10_000;
const KEEPALIVE_ANSWER_MS = 2_000;

/**
 * The profile service at `address` (`host:port`) by one channel: make one per process, never one
 * per call (grpc-node#2870). It connects at once and again by itself; calls made while the service
 * is unreachable reject soon with ClientError UNAVAILABLE.
 */
export function createRemoteProfileClient(address: string): RemoteProfileClient {
  const channel = createChannel(address, undefined, {
    'grpc.initial_reconnect_backoff_ms': RECONNECT_MS_FIRST,
    'grpc.max_reconnect_backoff_ms': RECONNECT_MS_MAX,
    'grpc.min_reconnect_backoff_ms': CONNECT_MS_MAX,
    'grpc.keepalive_time_ms': KEEPALIVE_MS,
    'grpc.keepalive_timeout_ms': KEEPALIVE_ANSWER_MS,
    // A second try would come after the deadline; the breaker in front decides when to ask again.
    'grpc.enable_retries': 0,
    'grpc.service_config_disable_resolution': 1,
  });
  channel.getConnectivityState(true);
  const client: ProfileServiceClient = createClient(ProfileServiceDefinition, channel);
  return { ...client, close: () => channel.close() };
}
