import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { generateProto, PROTO_FOLDER } from './proto.ts';

it('generateProto() makes exactly what is committed in proto/gen', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'helios-proto-'));
  try {
    await generateProto(folder);
    expect(contents(join(folder, 'gen'))).toEqual(contents(join(PROTO_FOLDER, 'gen')));
  } finally {
    rmSync(folder, { recursive: true });
  }
});

function contents(folder: string): Record<string, string> {
  const names = readdirSync(folder).toSorted();
  return Object.fromEntries(
    names.map((name) => [name, readFileSync(join(folder, name), 'utf8')]),
  );
}
