/** Makes requests and responses one by one, with a collection after each, and says what became of them. */
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { settleHttpShapes } from './http-shapes.ts';

const isFast = new Function('object', 'return %HasFastProperties(object)');
if (process.argv.includes('settle')) settleHttpShapes();
let fast: boolean[] = [];
for (let n = 0; n < 10; n++) {
  const request = new IncomingMessage(new Socket());
  fast = [request, new ServerResponse(request)].map((made) => isFast(made));
  // Garbage of this turn is still on the stack for the collector.
  await sleep(1);
  // Fields are remembered for some collections after the last object that had them.
  for (let times = 0; times < 3; times++) (globalThis as { gc?(): void }).gc?.();
}
console.log(JSON.stringify(fast));
