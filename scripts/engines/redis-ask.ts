/** One command to a Redis, answered as plain text: enough to see whether it is up, without a client. */
import { connect } from 'node:net';

const ANSWER_MS = 2_000;

/** For commands that answer with one text. Rejects when there is no answer, or when it is an error. */
export function askRedis(port: number, command: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', timeout: ANSWER_MS });
    let received = '';
    socket.on('connect', () => socket.write(`${command}\r\n`));
    socket.on('error', reject);
    socket.on('timeout', () => socket.destroy(new Error(`No answer to ${command} in time`)));
    socket.on('close', () => reject(new Error(`No answer to ${command}: connection closed`)));
    // One character is one byte, as in the lengths of the protocol.
    socket.setEncoding('latin1').on('data', (bytes) => {
      received += bytes;
      const answer = wholeAnswer(received);
      if (answer === undefined) return;
      if (answer.startsWith('-')) reject(new Error(`${command}: ${answer.slice(1)}`));
      else resolve(answer);
      socket.destroy();
    });
  });
}

/** `$5\r\nhello\r\n`, or a line that says its kind: `+OK`, `-ERR …`, `:1`. */
function wholeAnswer(received: string): string | undefined {
  const end = received.indexOf('\r\n');
  if (end === -1) return undefined;
  if (!received.startsWith('$')) return received.slice(0, end);
  const [from, to] = [end + 2, end + 2 + Number(received.slice(1, end))];
  return received.length < to + 2 ? undefined : received.slice(from, to);
}
