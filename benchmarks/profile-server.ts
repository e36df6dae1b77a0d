/**
 * The profile service and its control for `profile.ts`: run as a program with the path of a SQLite
 * store, or the URL of a Redis, it prints both ports as JSON and serves until its standard input ends.
 */
import {
  BatchGetProfilesRequest,
  DeleteProfileRequest,
  DeleteProfileResponse,
} from '#proto/profile.ts';
import { createLog } from '#shared/log.ts';
import { createMetrics } from '#shared/metrics.ts';
import { createRedisStore } from '#shared/store/redis.ts';
import { createSqliteStore } from '#shared/store/sqlite.ts';
import type { Store } from '#shared/store/store.ts';
import { createServer } from 'nice-grpc';
import { once } from 'node:events';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { createProfile } from '../services/profile/app.ts';
import type { LocalClient } from '../services/profile/local-client.ts';

export interface ProfileServer {
  ports: { profile: number; control: number };
  /** The service in process. */
  client: LocalClient;
  close(): Promise<void>;
}

/** What the same gRPC stack costs when nothing is looked up: an empty call, and ids sent back. */
export const ControlDefinition = {
  name: 'Control',
  fullName: 'helios.benchmark.Control',
  methods: {
    empty: {
      name: 'Empty',
      requestType: DeleteProfileRequest as typeof DeleteProfileRequest,
      requestStream: false,
      responseType: DeleteProfileResponse as typeof DeleteProfileResponse,
      responseStream: false,
      options: {},
    },
    echo: {
      name: 'Echo',
      requestType: BatchGetProfilesRequest as typeof BatchGetProfilesRequest,
      requestStream: false,
      responseType: BatchGetProfilesRequest as typeof BatchGetProfilesRequest,
      responseStream: false,
      options: {},
    },
  },
} as const;

/** @param where a file for SQLite, or the URL of a Redis */
export async function openStore(where: string): Promise<Store> {
  if (!where.startsWith('redis')) return createSqliteStore({ path: where });
  return await createRedisStore({
    url: where,
    keyPrefix: 'helios-benchmark:',
    onError: (error) => console.error(error.message),
  });
}

/** @param where as {@link openStore} takes it */
export async function startProfileServer(where: string): Promise<ProfileServer> {
  const store = await openStore(where);
  const stage = createProfile({
    store,
    host: '127.0.0.1',
    port: 0,
    log: createLog('silent'),
    metrics: createMetrics(),
    demoData: false,
  });
  await stage.start();
  const control = createServer();
  control.add(ControlDefinition, {
    empty: () => Promise.resolve({ deleted: true }),
    echo: ({ userIds }) => Promise.resolve({ userIds }),
  });
  return {
    ports: { profile: stage.port, control: await control.listen('127.0.0.1:0') },
    client: stage.client,
    async close() {
      control.forceShutdown();
      await stage.close();
      await store.close();
    },
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const server = await startProfileServer(process.argv[2]!);
  console.log(JSON.stringify(server.ports));
  await once(process.stdin.resume(), 'end');
  await server.close();
  process.exit(0);
}
