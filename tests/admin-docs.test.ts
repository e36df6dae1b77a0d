/** docs/admin.md holds what is true: its examples work in their order, its tables have all fields. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { demoCatalog } from '#shared/demo/catalog.ts';
import type { Service } from '#shared/service.ts';
import { shapeOf } from '../services/gateway/admin-shapes.ts';
import { gatewayOn, openEngines, type TestEngines } from '../services/gateway/test-gateway.ts';

const PAGE = readFileSync(new URL('../docs/admin.md', import.meta.url), 'utf8');

/** `-X PUT`, the address and the body of a command, and the answer the page shows for it. */
const EXAMPLES = [...PAGE.matchAll(/```sh\n(.*?)```(?:\n\n```json\n(.*?)```)?/gs)]
  .flatMap(([, commands, answer]) =>
    commands!.split(/^(?=curl )/m).map((command) => ({ command, answer }))
  )
  // Of a read that is piped into a write only the page's reader has the pieces.
  .filter(({ command }) => !command.includes('|'))
  .map(({ command, answer }) => ({
    method: / -X (\w+)/.exec(command)?.[1] ?? 'GET',
    path: /localhost:8080(\S+)/.exec(command)![1]!,
    body: / -d '(.*)'/s.exec(command)?.[1],
    answer,
  }));

let engines: TestEngines;
let gateway: Service;

beforeAll(async () => {
  engines = await openEngines(console.error);
  await engines.catalog.publish(demoCatalog(Date.now()));
  gateway = gatewayOn(engines);
});
afterAll(async () => {
  await gateway.close();
  await engines.close();
});

describe('the examples of docs/admin.md', () => {
  test('are all found', () => {
    expect(EXAMPLES.map(({ method }) => method)).toEqual([
      'GET',
      ...Array.from({ length: 6 }, () => 'PUT'),
      'DELETE',
      'PUT',
    ]);
  });

  test('answer what the page shows, one after the other', async () => {
    for (const { method, path, body, answer } of EXAMPLES) {
      const response = await gateway.fetch(
        new Request(`http://localhost:8080${path}`, {
          method,
          headers: { host: 'localhost:8080', 'content-type': 'application/json' },
          ...(body === undefined ? {} : { body }),
        }),
      );
      const text = await response.text();
      const refused = answer?.includes('"error"') ?? false;
      expect([response.status >= 400, text]).toEqual([refused, expect.any(String)]);
      if (answer !== undefined) expect(JSON.parse(text)).toEqual(JSON.parse(answer));
    }
  });
});

test.each(
  [
    ['Bidder', [shapeOf('bidder', {})]],
    ['Campaign', [shapeOf('campaign', {})]],
    ['Creative', [shapeOf('creative', { type: 'video' }), shapeOf('creative', { type: 'banner' })]],
    ['Publisher', [shapeOf('publisher', {})]],
    ['Key', [shapeOf('key', { role: 'publisher' })]],
  ] as const,
)('docs/admin.md has the fields of a %s and no others', (title, shapes) => {
  const section = PAGE.split(/^## /m).find((text) => text.startsWith(title))!;
  const told = [...section.matchAll(/^\| (_?`\w.*?) +\|/gm)]
    .flatMap(([, names]) => [...names!.matchAll(/`([\w.]+)`/g)].map(([, name]) => name));
  const known = shapes.flatMap(({ shape }) =>
    Object.entries(shape).flatMap(([name, field]) => [
      name,
      ...Object.keys('shape' in field ? field.shape as object : {}).map((it) => `${name}.${it}`),
    ])
  );
  expect(new Set(told)).toEqual(new Set(known));
});
