/** Where engines are kept between runs: outside the checkout, so that all checkouts share them. */
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';

/**
 * The folder of a thing that is fetched once; `name` holds its version. It appears whole or not at
 * all: `fetch` fills a folder beside it, which is renamed when it resolves. Of two processes that
 * fetch at once the first to finish is used by both.
 */
export async function cached(
  name: string,
  fetch: (folder: string) => Promise<void>,
): Promise<string> {
  const folder = cacheFolder(name);
  if (existsSync(folder)) return folder;
  const parent = join(folder, '..');
  mkdirSync(parent, { recursive: true });
  const partial = mkdtempSync(join(parent, `.${name}-`));
  try {
    await fetch(partial);
    renameSync(partial, folder);
  } catch (error) {
    rmSync(partial, { recursive: true, force: true });
    if (!existsSync(folder)) throw error;
  }
  return folder;
}

/** Forgets it, so that it is fetched anew. */
export function dropCached(name: string): void {
  rmSync(cacheFolder(name), { recursive: true, force: true });
}

/** Where a thing is, or would be. */
export function cacheFolder(name: string): string {
  const base = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  return join(base, 'helios', 'engines', name);
}
