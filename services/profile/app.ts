import { once } from 'node:events';
import { createServer } from 'node:net';
import { hostPort } from '#shared/model/host-port.ts';
import type { Log } from '#shared/log.ts';
import type { Metrics } from '#shared/metrics.ts';
import { ListenError } from '#shared/runtime/listen-error.ts';
import { type Clock, type Service, systemClock } from '#shared/service.ts';
import type { Store } from '#shared/store/store.ts';
import type { Tracer } from '#shared/trace.ts';
import { DemoUsers } from './demo-users.ts';
import { createProfileServer } from './grpc.ts';
import { createLocalClient, type LocalClient } from './local-client.ts';
import { createProfileService } from './profile-service.ts';

export interface ProfileOptions {
  store: Store;
  /** Where gRPC listens; port 0 for any free one. */
  host: string;
  port: number;
  log: Log;
  metrics: Metrics;
  /** Whether an empty store is given the demo's users, `user-001` and so on. */
  demoData: boolean;
  tracer?: Tracer | undefined;
  clock?: Clock;
}

export interface ProfileStage extends Service {
  /** The service for callers in this process, from the moment it is made. */
  readonly client: LocalClient;
  /** Where gRPC listens, once started. */
  readonly port: number;
}

/** The stage that owns the user profiles: gRPC on `host:port`, no HTTP. */
export function createProfile(options: ProfileOptions): ProfileStage {
  const { store, host, log, metrics, tracer, clock = systemClock } = options;
  const service = createProfileService({ store, clock, metrics });
  const server = createProfileServer({
    service,
    check: () => store.check(),
    log,
    metrics,
    tracer,
  });
  const demoUsers = new DemoUsers({ store, service, clock, log });
  const address = (port: number) => hostPort({ host, port });
  let port = options.port;
  return {
    name: 'profile',
    client: createLocalClient(service),
    get port() {
      return port;
    },
    fetch: (request) =>
      Response.json({
        error: `Cannot answer ${new URL(request.url).pathname}: profiles are served by gRPC`,
      }, { status: 404 }),
    async start() {
      if (options.demoData) await demoUsers.load();
      try {
        if (port !== 0) await tryPort(host, port);
        port = await server.listen(address(port));
      } catch (error) {
        const settings = { setting: 'PROFILE_PORT', hostSetting: 'PROFILE_HOST' };
        throw ListenError.from(error, { host, port, ...settings });
      }
      log.info('grpc_listening', { address: address(port) });
    },
    ready: () => store.check(),
    async close() {
      demoUsers.close();
      await server.close();
    },
  };
}

/**
 * grpc-js tells of a port in use on standard error by itself and gives an error without a code: a
 * listener of our own finds out first, quietly.
 */
async function tryPort(host: string, port: number): Promise<void> {
  const probe = createServer();
  probe.listen(port, host);
  await once(probe, 'listening');
  probe.close();
  await once(probe, 'close');
}
