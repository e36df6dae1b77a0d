/**
 * The load generator, a process of its own: reads one {@link LoadOrder} per line from standard
 * input and answers each with one line, a {@link LoadReport}. It stays between orders, so that no
 * measurement meets a cold generator. Argument: how many known users the requests come from.
 */
import { Buffer } from 'node:buffer';
import process from 'node:process';
import readline from 'node:readline';
import { sampleRequests } from '#shared/demo/traffic.ts';
import { type LoadOrder, LoadRun, type PreparedRequest } from './load-run.ts';

/** Different requests, sent round and round: enough that no cache of the exchange holds them all. */
const REQUESTS = 8_192;
const SEED = 7;

const requests = prepareRequests(Number(process.argv[2]));
process.stdout.write('ready\n');
for await (const line of readline.createInterface({ input: process.stdin })) {
  const report = await new LoadRun(JSON.parse(line) as LoadOrder, requests).run();
  process.stdout.write(JSON.stringify(report) + '\n');
}
process.exit(0);

function prepareRequests(users: number): PreparedRequest[] {
  const requestAt = sampleRequests(SEED, { users });
  return Array.from({ length: REQUESTS }, (_, sequence) => {
    const request = requestAt(sequence);
    const body = Buffer.from(JSON.stringify(request));
    const head = 'POST /openrtb2/auction HTTP/1.1\r\nhost: 127.0.0.1\r\n' +
      `content-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`;
    return { bytes: Buffer.concat([Buffer.from(head), body]), imps: request.imp.length };
  });
}
