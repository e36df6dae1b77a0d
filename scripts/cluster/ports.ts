/** Ports of the gateways: those that people know, or any. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import { freePorts } from '../engines/free-ports.ts';

/** Gateways at ports that people know. */
const KNOWN = 2;

/**
 * `port`, the next one, and free ones for more; all free for 0.
 * @throws an Error with one line when one of the first two is in use.
 */
export async function gatewayPorts(port: number, count: number): Promise<number[]> {
  const known = port === 0 ? [] : [port, port + 1].slice(0, Math.min(count, KNOWN));
  for (const one of known) {
    if (await isFree(one)) continue;
    const why = one === port
      ? 'set PORT to another'
      : `PORT=${port} needs it for the second gateway`;
    throw new Error(`Port ${one} is in use: ${why}`);
  }
  return [...known, ...await freePorts(count - known.length)];
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return true;
  } catch {
    return false;
  } finally {
    server.close();
  }
}
