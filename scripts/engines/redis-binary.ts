/** Redis 7: the system's, else Debian's package, unpacked into the cache and not installed. */
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { cached, dropCached } from './cache.ts';
import { lastLines, runTool } from './run-tool.ts';

export interface RedisBinary {
  command: string;
  env: Record<string, string>;
}

const MISSING = 'Redis 7 is missing: install redis-server';
/** Of the folder in the cache; the packages have no version in their names. */
const CACHE_NAME = `redis-7-${process.arch}`;

export async function redisBinary(): Promise<RedisBinary> {
  const system = { command: 'redis-server', env: {} };
  if (await isRedis7(system)) return system;
  for (const again of [true, false]) {
    const unpacked = inFolder(await cached(CACHE_NAME, fetchPackages));
    if (await isRedis7(unpacked)) return unpacked;
    // Libraries of the system may have changed since it was unpacked.
    dropCached(CACHE_NAME);
    if (!again) break;
  }
  throw new Error(`${MISSING} (Debian's package was fetched but does not run here)`);
}

async function isRedis7({ command, env }: RedisBinary): Promise<boolean> {
  const { code, output } = await runTool(command, ['--version'], {
    env: { ...process.env, ...env },
  });
  return code === 0 && Number(/v=(\d+)/.exec(output)?.[1] ?? 0) >= 7;
}

function inFolder(folder: string): RedisBinary {
  const libraries = join(folder, 'usr', 'lib');
  const folders = readdirSync(libraries, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name.includes('-linux-'))
    .map(({ name }) => join(libraries, name));
  return {
    command: join(folder, 'usr', 'bin', 'redis-server'),
    env: { LD_LIBRARY_PATH: folders.join(':') },
  };
}

async function fetchPackages(folder: string): Promise<void> {
  console.error("Fetching Redis 7 from Debian's packages (2 MB); this happens once");
  const packages = join(folder, 'packages');
  mkdirSync(packages);
  const names = async () => ['redis-server', 'redis-tools', ...await missingLibraries()];
  let got = await apt('download', packages, await names());
  if (got.code === undefined) throw new Error(`${MISSING} (there is no apt-get to fetch it with)`);
  if (got.code !== 0 && process.getuid?.() === 0) {
    // A fresh container has no lists of packages.
    await apt('update', packages);
    got = await apt('download', packages, await names());
  }
  if (got.code !== 0) throw new Error(`${MISSING} (apt-get says: ${lastLines(got.output, 3)})`);
  for (const name of readdirSync(packages)) {
    const { code, output } = await runTool('dpkg', ['-x', join(packages, name), folder]);
    if (code !== 0) throw new Error(`Cannot unpack ${name}: ${lastLines(output, 3)}`);
  }
  rmSync(packages, { recursive: true });
}

/** What Redis is linked with and the system has not. */
async function missingLibraries(): Promise<string[]> {
  const { output } = await runTool('apt-cache', ['depends', 'redis-tools']);
  const named = [...output.matchAll(/^ +Depends: ((?:lib|lua)\S+)$/gm)].map((match) => match[1]!);
  const checked = await Promise.all(named.map(async (name) => {
    const { code, output } = await runTool('dpkg-query', ['-W', '-f', '${db:Status-Status}', name]);
    return code === 0 && output.includes('installed') ? [] : [name];
  }));
  return checked.flat();
}

function apt(verb: 'download' | 'update', cwd: string, names: string[] = []) {
  return runTool('apt-get', ['--quiet', verb, ...names], { cwd });
}
