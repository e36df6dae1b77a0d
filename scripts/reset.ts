/**
 * `npm run reset [-- --yes]`: deletes what lies in DATA_DIR, after showing it and asking. Only in a
 * folder that the exchange made or marked, and only while no exchange runs on it or on one within it.
 */
import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline/promises';
import { parseConfig } from '#shared/config.ts';
import { describeError } from '#shared/log.ts';
import {
  type DataDir,
  DELETED_LAST,
  HARMLESS,
  isDataDir,
  openDataDir,
} from '#shared/runtime/data-dir.ts';
import { parseFlags, toggle } from './flags.ts';

const { values } = parseFlags({ yes: toggle('deletes without asking') }, {
  command: 'npm run reset --',
  about: 'Deletes what lies in DATA_DIR, after showing it and asking.',
});

try {
  process.exitCode = await reset(parseConfig(process.env).DATA_DIR, values.yes);
} catch (error) {
  console.error(describeError(error));
  process.exitCode = 1;
}

async function reset(path: string, sure: boolean): Promise<number> {
  if (!statSync(path, { throwIfNoEntry: false })) {
    console.log(`Nothing to delete: ${path} does not exist`);
    return 0;
  }
  if (!isDataDir(path)) {
    console.error(
      `Cannot delete ${path}: it is not a data directory of Helios, helios.json is missing`,
    );
    return 1;
  }
  // Held to the end, so that no exchange starts on a folder that is half gone.
  const held = hold(path);
  try {
    // Ctrl-C in the middle must leave a folder that can be reset again.
    const names = readdirSync(path).filter((name) => !HARMLESS.includes(name)).sort()
      .sort((a, b) => DELETED_LAST.indexOf(a) - DELETED_LAST.indexOf(b));
    for (const name of names) {
      console.log(`${size(join(path, name)).padStart(10)}  ${join(path, name)}`);
    }
    if (!sure && !await confirmed()) {
      console.log('Nothing was deleted');
      return 1;
    }
    for (const name of names) rmSync(join(path, name), { recursive: true });
    console.log(`Deleted what was in ${path}`);
    return 0;
  } finally {
    release(held);
  }
}

/** Locks the folder and each data directory within it: that of a cluster, and those of its processes. */
function hold(path: string): DataDir[] {
  const held = [openDataDir(path)];
  try {
    for (const name of readdirSync(path)) {
      const inner = join(path, name);
      if (isDataDir(inner)) held.push(...hold(inner));
    }
    return held;
  } catch (error) {
    release(held);
    throw error;
  }
}

function release(held: readonly DataDir[]): void {
  for (const dataDir of held) dataDir.release();
}

async function confirmed(): Promise<boolean> {
  const prompt = createInterface({ input: process.stdin, output: process.stdout });
  const ended = new Promise<string>((resolve) => prompt.once('close', () => resolve('')));
  const answer = await Promise.race([prompt.question('Type yes to delete: '), ended]);
  prompt.close();
  return answer.trim() === 'yes';
}

function size(path: string): string {
  const bytes = bytesIn(path);
  return bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

function bytesIn(path: string): number {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat?.isDirectory()) return stat?.size ?? 0;
  return readdirSync(path).reduce((sum, name) => sum + bytesIn(join(path, name)), 0);
}
