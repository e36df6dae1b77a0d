import { expect, test } from 'vitest';
import { withHealth } from './health.ts';

const route = withHealth(
  ({ url }) => new Response(url),
  { runtime: 'test', version: '0' },
  () => ({ stages: [], engines: [] }),
);
const ask = async (path: string, method = 'GET'): Promise<string> => {
  const answer = await route(new Request(`http://127.0.0.1:8080${path}`, { method }));
  return await answer.text();
};

test('withHealth() answers the routes of the process', async () => {
  expect(JSON.parse(await ask('/healthz'))).toMatchObject({ alive: true, version: '0' });
  expect(JSON.parse(await ask('/readyz'))).toMatchObject({ ready: true, stages: [] });
});

test('withHealth() leaves to the stages what only ends like one of them', async () => {
  const paths = ['/admin/publisher/healthz', '/admin/bidder/readyz', '/api/live?a=/readyz'];
  for (const path of paths) {
    expect(await ask(path, 'PUT')).toBe(`http://127.0.0.1:8080${path}`);
  }
});
