/** The secret that opens the SQL door. It lies beside the data: who can read the one can read the other. */
import { randomBytes } from 'node:crypto';
import { link, mkdir, readFile, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const FILE = 'sql-token';
/** 192 bits; URL-safe, so that it can stand in a connection string. */
const TOKEN_BYTES = 24;
const PATTERN = /^[A-Za-z0-9_-]{32,}$/;

/**
 * The token of a data directory, made on the first call.
 * @throws {Error} when the file cannot be read or written, or holds something else.
 */
export async function openSqlToken(dataDir: string): Promise<string> {
  const known = await readSqlToken(dataDir);
  if (known !== undefined) return known;
  await mkdir(dataDir, { recursive: true });
  const token = randomBytes(TOKEN_BYTES).toString('base64url');
  const path = join(dataDir, FILE);
  // Written whole under another name first: a reader never sees half a token, and of two writers
  // the first stands, as linking refuses to replace a file.
  const draft = `${path}.${randomBytes(4).toString('hex')}`;
  await writeFile(draft, token + '\n', { mode: 0o600 });
  try {
    await link(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await unlink(draft);
  }
  return (await readSqlToken(dataDir))!;
}

/** The token of a data directory, undefined when none was made yet. */
export async function readSqlToken(dataDir: string): Promise<string | undefined> {
  const path = join(dataDir, FILE);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new Error(`Cannot read the SQL token ${path}`, { cause: error });
  }
  const token = text.trim();
  if (!PATTERN.test(token)) {
    throw new Error(`Cannot use the SQL token ${path}: it holds something else, delete it`);
  }
  return token;
}
