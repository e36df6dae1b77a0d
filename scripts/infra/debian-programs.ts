/** Programs out of Debian's packages, unpacked into the cache and not installed. */
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { cached } from '../engines/cache.ts';
import { lastLines, runTool } from '../engines/run-tool.ts';

/**
 * The folder that stands for `/`: its programs are in `usr/bin` and `usr/sbin`. What they are linked
 * with is the system's.
 * @throws an Error with one line when they cannot be had.
 */
export function debianPrograms(name: string, packages: readonly string[]): Promise<string> {
  return cached(`debian-${name}-${process.arch}`, async (folder) => {
    console.error(`Fetching ${packages.join(', ')} of Debian; this happens once`);
    const files = join(folder, 'packages');
    mkdirSync(files);
    await download(files, packages);
    for (const file of readdirSync(files)) {
      const { code, output } = await runTool('dpkg', ['-x', join(files, file), folder]);
      if (code !== 0) throw new Error(`Cannot unpack ${file}: ${lastLines(output, 3)}`);
    }
    rmSync(files, { recursive: true });
  });
}

async function download(folder: string, packages: readonly string[]): Promise<void> {
  const apt = (...args: string[]) => runTool('apt-get', ['--quiet', ...args], { cwd: folder });
  let got = await apt('download', ...packages);
  if (got.code === undefined) {
    throw new Error(`Cannot fetch ${packages.join(', ')}: there is no apt-get, install them`);
  }
  if (got.code !== 0 && process.getuid?.() === 0) {
    // A fresh container has no lists of packages.
    await apt('update');
    got = await apt('download', ...packages);
  }
  if (got.code !== 0) {
    throw new Error(
      `Cannot fetch ${packages.join(', ')}: apt-get says ${lastLines(got.output, 3)}`,
    );
  }
}
