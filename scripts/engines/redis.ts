/** A real Redis for tests, on a free port of 127.0.0.1, that writes nothing to disk. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EngineNode, EngineProcess } from './engine-process.ts';
import { freePorts } from './free-ports.ts';
import { askRedis } from './redis-ask.ts';
import { type RedisBinary, redisBinary } from './redis-binary.ts';

export interface RedisOptions {
  /** The data, removed by stop(); default a temporary folder. */
  dir?: string;
  /** Of 127.0.0.1; default any free one. */
  port?: number;
  /** Of `redis.conf`. */
  settings?: Record<string, string>;
}

export interface RunningRedis {
  /** As REDIS_URL takes it. */
  url: string;
  /** `127.0.0.1:port` */
  addresses: string[];
  /** From 0. */
  node(index: number): EngineNode;
  /** Ends all and removes the data. */
  stop(): Promise<void>;
}

export async function startRedis(options: RedisOptions = {}): Promise<RunningRedis> {
  const { settings = {} } = options;
  return await withNodes(options.dir, async ({ add, dir, binary }) => {
    const port = options.port ?? (await freePorts(1))[0]!;
    const node = add(redisNode({ name: 'redis', port, dir, binary, settings }));
    await node.start();
    return { url: `redis://${node.address}` };
  });
}

export interface RedisNodeOptions {
  name: string;
  port: number;
  dir: string;
  binary: RedisBinary;
  settings: Record<string, string>;
}

export function redisNode({ name, port, dir, binary, settings }: RedisNodeOptions): EngineProcess {
  const data = join(dir, name);
  mkdirSync(data, { recursive: true });
  const args = Object.entries({
    port: String(port),
    bind: '127.0.0.1',
    dir: data,
    save: '',
    appendonly: 'no',
    ...settings,
  }).flatMap(([setting, value]) => [`--${setting}`, value]);
  return new EngineProcess({
    name,
    address: `127.0.0.1:${port}`,
    command: [binary.command, ...args],
    env: binary.env,
    dir,
    ready: () => answers(port),
  });
}

interface Ground {
  binary: RedisBinary;
  dir: string;
  /** A node that stop() ends; the first are those of node(index). */
  add(node: EngineProcess): EngineProcess;
}

/** Runs `start`, and when it fails, or at stop(), ends what it added. */
export async function withNodes<Result extends { url: string }>(
  givenDir: string | undefined,
  start: (ground: Ground) => Promise<Result>,
): Promise<Result & Omit<RunningRedis, 'url'>> {
  const binary = await redisBinary();
  const dir = givenDir ?? mkdtempSync(join(tmpdir(), 'helios-redis-'));
  mkdirSync(dir, { recursive: true });
  const nodes: EngineProcess[] = [];
  const stop = async () => {
    await Promise.all(nodes.map((node) => node.kill()));
    rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    const result = await start({
      binary,
      dir,
      add: (node) => (nodes.push(node), node),
    });
    return {
      ...result,
      addresses: nodes.map(({ address }) => address),
      node: (index) => nodes[index]!,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** With a password it refuses to answer more, which is an answer too. */
async function answers(port: number): Promise<boolean> {
  const answer = await askRedis(port, 'PING').catch((error: Error) => error.message);
  return /\+PONG|NOAUTH/.test(answer);
}
