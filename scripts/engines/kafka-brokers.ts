/** Whether a Kafka broker can be used: asked by its own protocol, so that no client is needed. */
import { Buffer } from 'node:buffer';
import { connect } from 'node:net';

const ANSWER_MS = 2_000;
/** Metadata, version 1, correlation 0, no client id, no topics. */
const METADATA = Buffer.from('0000000e' + '00030001' + '00000000' + 'ffff' + '00000000', 'hex');

/** The ids of the brokers that this one knows to be alive. */
export function brokerIds(port: number): Promise<number[]> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', timeout: ANSWER_MS });
    let answer: Buffer = Buffer.alloc(0);
    socket.on('connect', () => socket.write(METADATA));
    socket.on('error', reject);
    socket.on('timeout', () => socket.destroy(new Error('No answer in time')));
    socket.on('close', () => reject(new Error('Connection closed')));
    socket.on('data', (chunk: Buffer) => {
      answer = Buffer.concat([answer, chunk]);
      if (answer.length < 4 || answer.length < 4 + answer.readInt32BE(0)) return;
      resolve(readIds(answer));
      socket.destroy();
    });
  });
}

/** size, correlation, brokers: [id, host, port, rack?], … */
function readIds(answer: Buffer): number[] {
  let at = 12;
  return Array.from({ length: answer.readInt32BE(8) }, () => {
    const id = answer.readInt32BE(at);
    at += 4;
    at += 2 + answer.readInt16BE(at) + 4;
    at += 2 + Math.max(0, answer.readInt16BE(at));
    return id;
  });
}
