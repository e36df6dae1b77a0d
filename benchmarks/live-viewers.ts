/**
 * Viewers of the live feed, a process of their own: opens sockets, subscribes to both topics, prints
 * `ready`, and answers each line of standard input with a line, a {@link ViewersReport} of what came
 * since the last. Arguments: port and number of viewers.
 */
import type { Buffer } from 'node:buffer';
import { once } from 'node:events';
import process from 'node:process';
import readline from 'node:readline';
import { WebSocket } from 'ws';
import { Latencies } from '../scripts/load/latencies.ts';

export interface ViewersReport {
  viewers: number;
  /** Frames that came, of all viewers together, and those that should have come by their numbers. */
  received: number;
  expected: number;
  /** Snapshots instead of updates: the viewer was too slow. */
  snapshots: number;
  perSecond: number;
  bytesPerSecond: number;
  /** ms from the close of the newest auction of a frame to its arrival at a viewer. */
  p50: number;
  p99: number;
  max: number;
  /** The viewers' own work. */
  cpuUsPerFrame: number;
}

/** Sockets opened at once; a thousand in one go would only queue. */
const OPENED_AT_ONCE = 50;
const TRIES = 3;
/** Enough of a frame to hold its numbers and the time of its newest auction. */
const HEAD_BYTES = 400;
const HEAD = /"topic":"(\w+)","epoch":"[^"]*","seq":(\d+),"kind":"(\w+)"/;
const AT = /"at":(\d+)/;

const [port, viewers] = process.argv.slice(2).map(Number) as [number, number];
let latencies = new Latencies();
let received = 0;
let expected = 0;
let snapshots = 0;
let bytes = 0;
/** Of the first and the last frame with auctions: what lies around them is no traffic. */
let firstMs = 0;
let lastMs = 0;
let cpuBefore = process.cpuUsage();

for (let done = 0; done < viewers; done += OPENED_AT_ONCE) {
  await Promise.all(Array.from({ length: Math.min(OPENED_AT_ONCE, viewers - done) }, connect));
}
process.stdout.write('ready\n');
for await (const _line of readline.createInterface({ input: process.stdin })) {
  process.stdout.write(JSON.stringify(report()) + '\n');
}
process.exit(0);

/** On a busy machine the exchange may give up a connection before its request has come. */
async function connect(): Promise<void> {
  for (let tries = 1;; tries++) {
    try {
      return await open();
    } catch (error) {
      if (tries === TRIES) throw error;
    }
  }
}

async function open(): Promise<void> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/live`, { perMessageDeflate: false });
  const last = new Map<string, number>();
  socket.on('message', (data: Buffer) => take(data, last));
  await once(socket, 'open');
  socket.on('close', (code) => {
    throw new Error(`A viewer was sent away with ${code}`);
  });
  for (const topic of ['totals', 'auctions']) {
    socket.send(JSON.stringify({ op: 'subscribe', topic }));
  }
}

/** Reads the head only: a thousand pages parse on a thousand machines, not on this one. */
function take(data: Buffer, last: Map<string, number>): void {
  const head = data.toString('latin1', 0, HEAD_BYTES);
  const [, topic, seq, kind] = HEAD.exec(head)!;
  const before = last.get(topic!);
  last.set(topic!, Number(seq));
  // The first snapshot is what everybody gets.
  if (before === undefined) return;
  if (topic === 'auctions') {
    lastMs = performance.now();
    firstMs ||= lastMs;
  }
  received++;
  bytes += data.length;
  expected += Number(seq) - before;
  if (kind === 'snapshot') snapshots++;
  else if (topic === 'auctions') {
    const at = AT.exec(head)?.[1];
    if (at !== undefined) latencies.record((Date.now() - Number(at)) * 1000);
  }
}

function report(): ViewersReport {
  const seconds = Math.max(1, lastMs - firstMs) / 1000;
  const cpu = process.cpuUsage(cpuBefore);
  const result = {
    viewers,
    received,
    expected,
    snapshots,
    perSecond: received / seconds,
    bytesPerSecond: bytes / seconds,
    p50: latencies.percentileMs(0.5),
    p99: latencies.percentileMs(0.99),
    max: latencies.maxMs,
    cpuUsPerFrame: (cpu.user + cpu.system) / Math.max(1, received),
  };
  latencies = new Latencies();
  received =
    expected =
    snapshots =
    bytes =
      0;
  firstMs = lastMs = 0;
  cpuBefore = process.cpuUsage();
  return result;
}
