/**
 * `make-secrets.ts FOLDER`: makes the secrets an installation shares, once; run before everything
 * else by compose.yaml. What is there is kept, so a secret of your own is a file that is put there.
 */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { programArguments } from '#shared/runtime/runtime.ts';

/** Read by users of several images; the folder is mounted where it is needed, and nowhere else. */
const MODE = 0o444;
const SECRET_BYTES = 32;

const [folder] = programArguments();
if (folder === undefined) {
  console.error('make-secrets.ts: the folder is missing');
  process.exit(2);
}
mkdirSync(folder, { recursive: true });
keep('admin-key', secret);
keep('clickhouse-password', secret);
keep('clickhouse-url', () => {
  const password = readFileSync(join(folder, 'clickhouse-password'), 'utf8').trim();
  return `http://default:${password}@clickhouse:8123`;
});

function secret(): string {
  return randomBytes(SECRET_BYTES).toString('base64url');
}

function keep(name: string, make: () => string): void {
  const file = join(folder!, name);
  if (existsSync(file)) return console.log(`is there ${name}`);
  writeFileSync(file, `${make()}\n`, { mode: MODE });
  console.log(`made     ${name}`);
}
