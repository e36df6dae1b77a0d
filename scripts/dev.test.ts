import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { runtimeCommand } from '#shared/runtime/runtime.ts';

test('an address without http:// is refused before anything starts', () => {
  const script = new URL('dev.ts', import.meta.url);
  const [command, ...args] = runtimeCommand(script, '--url', 'localhost:8080');
  const { status, stderr } = spawnSync(command, args, { encoding: 'utf8', timeout: 20_000 });
  expect(stderr).toContain('--url=localhost:8080: allowed is http(s)://host:port');
  expect(status).toBe(2);
});
