/** Answers requests of many connections; prints how many of a hundred live on when they have ended. */
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { letRequestsGo } from './active-requests.ts';

const REQUEST = 'GET / HTTP/1.1\r\nHost: helios.test\r\n\r\n';
/** A table of a Map that is given up names those who are under way at once. */
const CONNECTIONS = 16;
/** So many that there are several tables. */
const ROUNDS = 200;

const { gc } = globalThis as unknown as { gc(options: { type: 'minor' | 'major' }): void };
const requests: WeakRef<IncomingMessage>[] = [];
const server = createServer((incoming, outgoing) => {
  requests.push(new WeakRef(incoming));
  incoming.resume();
  outgoing.end('answer');
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');
letRequestsGo(server);

const { port } = server.address() as AddressInfo;
const sockets = Array.from({ length: CONNECTIONS }, () => connect(port, '127.0.0.1'));
for (let round = 0; round < ROUNDS; round++) {
  // Who is there in two of these is old: everything the server keeps.
  if (round === ROUNDS / 4) { for (let times = 0; times < 2; times++) gc({ type: 'major' }); }
  await Promise.all(sockets.map(ask));
  if (round % 10 === 0) gc({ type: 'minor' });
}
for (let times = 0; times < 2; times++) {
  // A WeakRef holds until the turn of the event loop ends.
  await sleep(1);
  gc({ type: 'minor' });
}
const alive = requests.filter((request) => request.deref() !== undefined);
console.log(Math.round(100 * alive.length / requests.length));
process.exit(0);

async function ask(socket: Socket): Promise<void> {
  socket.write(REQUEST);
  await once(socket, 'data');
}
