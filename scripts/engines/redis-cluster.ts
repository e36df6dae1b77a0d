/** A real Redis Cluster of three masters, without replicas. */
import { setTimeout as sleep } from 'node:timers/promises';
import { freePorts } from './free-ports.ts';
import { askRedis } from './redis-ask.ts';
import { redisNode, type RunningRedis, withNodes } from './redis.ts';

const SLOTS = 16_384;
const NODES = 3;
/** Nodes tell each other by gossip, once a second. */
const AGREE_MS = 30_000;
const POLL_MS = 50;

/** Resolves when every node says that the cluster is whole. */
export async function startRedisCluster(options: { dir?: string } = {}): Promise<RunningRedis> {
  return await withNodes(options.dir, async ({ add, dir, binary }) => {
    const allPorts = await freePorts(2 * NODES);
    const ports = allPorts.slice(0, NODES);
    const busPorts = allPorts.slice(NODES);
    const nodes = ports.map((port, index) =>
      add(redisNode({
        name: `node-${index + 1}`,
        port,
        dir,
        binary,
        settings: {
          'cluster-enabled': 'yes',
          'cluster-port': String(busPorts[index]),
          'cluster-node-timeout': '2000',
        },
      }))
    );
    await Promise.all(nodes.map((node) => node.start()));
    await Promise.all(ports.map(async (port, index) => {
      const first = Math.ceil(SLOTS / NODES * index);
      const last = Math.ceil(SLOTS / NODES * (index + 1)) - 1;
      await askRedis(port, `CLUSTER ADDSLOTSRANGE ${first} ${last}`);
      await askRedis(port, `CLUSTER SET-CONFIG-EPOCH ${index + 1}`);
    }));
    for (let index = 1; index < NODES; index++) {
      await askRedis(ports[0]!, `CLUSTER MEET 127.0.0.1 ${ports[index]} ${busPorts[index]}`);
    }
    await Promise.all(ports.map(untilWhole));
    return { url: `redis-cluster://${nodes.map(({ address }) => address).join(',')}` };
  });
}

async function untilWhole(port: number): Promise<void> {
  const giveUpAtMs = performance.now() + AGREE_MS;
  for (;;) {
    const said = await askRedis(port, 'CLUSTER INFO');
    if (said.includes('cluster_state:ok') && said.includes(`cluster_known_nodes:${NODES}`)) return;
    if (performance.now() > giveUpAtMs) {
      throw new Error(`Cannot start a Redis Cluster: its nodes do not agree\n${said}`);
    }
    await sleep(POLL_MS);
  }
}
