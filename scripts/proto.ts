/** `npm run proto`: makes `proto/gen` from `proto/*.proto`. Needs no network. */
import { execFile } from 'node:child_process';
import { delimiter, dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { parseFlags } from './flags.ts';

const ROOT = dirname(import.meta.dirname!);
export const PROTO_FOLDER = join(ROOT, 'proto');

/** Writes what `buf.gen.yaml` says to `<folder>/gen`. */
export async function generateProto(folder: string): Promise<void> {
  const bin = join(ROOT, 'node_modules', '.bin');
  const env = { ...process.env, PATH: `${bin}${delimiter}${process.env['PATH']}` };
  await promisify(execFile)(join(bin, 'buf'), ['lint'], { cwd: PROTO_FOLDER, env });
  await promisify(execFile)(join(bin, 'buf'), ['generate', '--output', folder], {
    cwd: PROTO_FOLDER,
    env,
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  parseFlags({}, { command: 'npm run proto --', about: 'Makes proto/gen from proto/*.proto.' });
  await generateProto(PROTO_FOLDER);
}
