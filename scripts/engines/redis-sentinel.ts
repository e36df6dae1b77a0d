/** A real Redis that fails over: one master, two replicas and three sentinels. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type EngineNode, EngineProcess } from './engine-process.ts';
import { freePorts } from './free-ports.ts';
import { askRedis } from './redis-ask.ts';
import { redisNode, type RunningRedis, withNodes } from './redis.ts';

export interface RunningSentinel extends RunningRedis {
  /** Servers 0 to 2 and sentinels 3 to 5. */
  node(index: number): EngineNode;
  /** The one that all sentinels name; resolves when they agree. */
  master(): Promise<EngineNode>;
}

/** What the sentinels call the servers they watch. */
const NAME = 'main';
const POLL_MS = 50;

/** Resolves when each sentinel knows the others and both replicas: a failover before that takes long. */
export async function startSentinel(options: { dir?: string } = {}): Promise<RunningSentinel> {
  const ports = await freePorts(6);
  const [masterPort, ...replicaPorts] = ports.slice(0, 3) as [number, number, number];
  const sentinelPorts = ports.slice(3);
  const running = await withNodes(options.dir, async ({ add, dir, binary }) => {
    const server = (name: string, port: number, settings: Record<string, string> = {}) =>
      add(redisNode({
        name,
        port,
        dir,
        binary,
        settings: { 'repl-diskless-sync-delay': '0', ...settings },
      }));
    await server('server-1', masterPort).start();
    const replicaof = `127.0.0.1 ${masterPort}`;
    await Promise.all(
      replicaPorts.map((port, index) => server(`server-${index + 2}`, port, { replicaof }).start()),
    );
    const sentinels = sentinelPorts.map((port, index) => {
      const name = `sentinel-${index + 1}`;
      const file = join(dir, `${name}.conf`);
      writeFileSync(file, sentinelConf(port, dir, masterPort));
      return add(
        new EngineProcess({
          name,
          address: `127.0.0.1:${port}`,
          command: [binary.command, file, '--sentinel'],
          env: binary.env,
          dir,
          ready: async () => (await watched(port)).whole,
        }),
      );
    });
    await Promise.all(sentinels.map((sentinel) => sentinel.start()));
    return {
      url: `redis-sentinel://${sentinels.map(({ address }) => address).join(',')}/${NAME}`,
    };
  });
  return {
    ...running,
    async master() {
      for (;; await sleep(POLL_MS)) {
        const seen = await Promise.allSettled(sentinelPorts.map(watched));
        const answers = seen.flatMap((one) =>
          one.status === 'fulfilled' ? [one.value.address] : []
        );
        if (new Set(answers).size === 1) {
          return running.node(running.addresses.indexOf(answers[0]!));
        }
      }
    },
  };
}

function sentinelConf(port: number, dir: string, masterPort: number): string {
  return `port ${port}
bind 127.0.0.1
dir ${dir}
sentinel monitor ${NAME} 127.0.0.1 ${masterPort} 2
sentinel down-after-milliseconds ${NAME} 2000
sentinel failover-timeout ${NAME} 3000
`;
}

/** What a sentinel says of the servers: `master0:name=main,status=ok,address=…,slaves=2,sentinels=3`. */
async function watched(port: number): Promise<{ address: string; whole: boolean }> {
  const [line, address = ''] = /^master0:.*address=([^,]+).*$/m.exec(
    await askRedis(port, 'INFO sentinel'),
  ) ?? [''];
  return { address, whole: /status=ok/.test(line) && /slaves=2,sentinels=3/.test(line) };
}
