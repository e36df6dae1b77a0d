/** One container beside those of a project, with no more rights than theirs. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Docker } from './docker.ts';

export interface LoneContainer {
  image: string;
  stages: readonly string[];
  env: Record<string, string>;
  network: string;
  /** Of 127.0.0.1, for its door. */
  port?: number;
}

const HEALTHY_MS = 60_000;
const POLL_MS = 200;
/** Longer than a stage needs to hand on what it holds. */
const STOP_S = 40;

/**
 * Starts it, does `work` when it is healthy, and ends it as `docker stop` does.
 * @throws an Error when it does not become healthy, or does not end with 0.
 */
export async function inContainer(
  docker: Docker,
  { image, stages, env, network, port }: LoneContainer,
  work: () => Promise<string>,
): Promise<string> {
  const settings = Object.entries(env).flatMap(([name, value]) => ['--env', `${name}=${value}`]);
  const published = port === undefined ? [] : ['--publish', `127.0.0.1:${port}:8080`];
  const rights = ['--read-only', '--tmpfs', '/tmp', '--cap-drop', 'ALL'];
  const id = lastLine(
    await docker.run([
      'run',
      '--detach',
      ...rights,
      '--security-opt',
      'no-new-privileges',
      '--volume',
      '/data',
      '--network',
      network,
      ...published,
      ...settings,
      image,
      ...stages,
    ]),
  );
  try {
    const startMs = performance.now();
    for (;;) {
      const health = await ask('{{.State.Status}} {{.State.Health.Status}}');
      if (health === 'running healthy') break;
      if (!health.startsWith('running') || performance.now() - startMs > HEALTHY_MS) {
        throw new Error(`${image} is ${health}: ${await docker.run(['logs', id])}`);
      }
      await sleep(POLL_MS);
    }
    const healthyS = ((performance.now() - startMs) / 1_000).toFixed(1);
    const note = await work();
    const stopMs = performance.now();
    await docker.run(['stop', '--time', String(STOP_S), id]);
    const code = await ask('{{.State.ExitCode}}');
    if (code !== '0') throw new Error(`${image} ended with ${code}`);
    const stopS = ((performance.now() - stopMs) / 1_000).toFixed(1);
    return `healthy after ${healthyS} s; ${note}; stopped in ${stopS} s with 0`;
  } finally {
    await docker.run(['rm', '--force', '--volumes', id]);
  }

  async function ask(format: string): Promise<string> {
    return lastLine(await docker.run(['inspect', '--format', format, id]));
  }
}

/** Warnings stand before it. */
function lastLine(output: string): string {
  return output.trim().split('\n').at(-1)!;
}
