/** Makes calls of HTTP/2, many at once; prints the bytes of each that grow old. */
import './http2-sessions.ts';
import { once } from 'node:events';
import http2, { type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { getHeapSpaceStatistics } from 'node:v8';

/** A table of a Map that is given up names those who are under way at once. */
const AT_ONCE = 32;
/** So many that there are several tables. */
const ROUNDS = 2_000;

const { gc } = globalThis as unknown as { gc(options: { type: 'major' }): void };
const server = http2.createServer();
server.on('stream', (stream: ServerHttp2Stream) => {
  stream.respond();
  stream.end('answer');
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');

const client = http2.connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
await rounds(ROUNDS);
// Who is there in two of these is old: everything the sessions keep.
for (let times = 0; times < 2; times++) gc({ type: 'major' });
const before = oldBytes();
await rounds(ROUNDS);
console.log(Math.round((oldBytes() - before) / (ROUNDS * AT_ONCE)));
process.exit(0);

async function rounds(count: number): Promise<void> {
  for (let round = 0; round < count; round++) {
    await Promise.all(Array.from({ length: AT_ONCE }, call));
  }
  // Those of the last rounds end as well.
  await sleep(10);
}

function oldBytes(): number {
  return getHeapSpaceStatistics().find((space) => space.space_name === 'old_space')!
    .space_used_size;
}

async function call(): Promise<void> {
  const stream = client.request({ ':path': '/' });
  await once(stream.resume(), 'end');
}
