/** A whole exchange behind its own certificate. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { WebSocket as Client } from 'ws';
import { removeDataDir, startExchange } from './exchange-process.ts';

const pem = (name: string): string =>
  fileURLToPath(new URL(`tls/localhost-${name}.pem`, import.meta.url));
const ca = readFileSync(pem('cert'), 'utf8');

async function ask(url: string, body?: string): Promise<{ status: number; text: string }> {
  const outgoing = request(url, {
    ca,
    ...(body && { method: 'POST', headers: { 'content-type': 'application/json' } }),
  });
  outgoing.end(body);
  const [answer] = await once(outgoing, 'response');
  let text = '';
  for await (const part of answer) text += part;
  return { status: answer.statusCode, text };
}

test('bids, pages and the live feed come over TLS', async () => {
  const exchange = await startExchange({
    env: { TLS_CERT_FILE: pem('cert'), TLS_KEY_FILE: pem('key') },
    isReady: (url) =>
      ask(url.replace('http:', 'https:')).then(({ status }) => status === 200, () => false),
  });
  const url = exchange.url.replace('http:', 'https:');
  expect(exchange.output()).toContain(`POST ${url}/bid`);
  const bid = await ask(`${url}/bid`, '{"user_id":"user-001","site":{"domain":"example.com"}}');
  expect(bid.status).toBe(200);
  const page = await ask(url);
  expect([page.status, page.text.includes('<html')]).toEqual([200, true]);
  const viewer = new Client(`${url.replace('https', 'wss')}/live`, {
    ca,
    headers: { origin: url },
  });
  await once(viewer, 'open');
  viewer.send('{"op":"subscribe","topic":"totals"}');
  const [frame] = await once(viewer, 'message');
  expect(JSON.parse(String(frame))).toMatchObject({ topic: 'totals' });
  const closed = once(viewer, 'close');
  expect(await exchange.stop()).toBe(0);
  expect((await closed)[0]).toBe(1001);
  await removeDataDir(exchange.dataDir);
});
