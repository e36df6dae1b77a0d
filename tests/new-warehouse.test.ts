/** What docs/troubleshooting.md says of a damaged warehouse brings the outcomes back. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { removeDataDir, startExchange, temporaryDataDir } from './exchange-process.ts';

const PAGE = readFileSync(new URL('../docs/troubleshooting.md', import.meta.url), 'utf8');
const COMMANDS = /### A new warehouse\n.*?```sh\n(.*?)```/s.exec(PAGE)![1]!;
const COUNT = 'SELECT count() AS rows FROM helios.outcomes';

test('a new warehouse gets the outcomes the journal has, each once', async () => {
  const dataDir = await temporaryDataDir();
  const before = await startExchange({ dataDir });
  for (let n = 0; n < 3; n++) {
    await fetch(`${before.url}/bid`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"site":{"domain":"example.com"}}',
    });
  }
  await expect.poll(() => before.sql(COUNT), { timeout: 20_000 }).toEqual([{ rows: 3 }]);
  expect(await before.stop()).toBe(0);

  await promisify(execFile)('sh', ['-ec', COMMANDS.replaceAll('data/', `${dataDir}/`)]);
  const after = await startExchange({ dataDir });
  await expect.poll(() => after.sql(COUNT), { timeout: 20_000 }).toEqual([{ rows: 3 }]);
  expect(await after.sql(`${COUNT} FINAL`)).toEqual([{ rows: 3 }]);
  expect(await after.stop()).toBe(0);
  await removeDataDir(dataDir);
});
