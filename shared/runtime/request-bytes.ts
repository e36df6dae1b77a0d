/**
 * The body of a request as one `Uint8Array`, for `Request.bytes()`, which the requests of
 * @hono/node-server 2.1.8 lack; their `arrayBuffer()` copies every body once more, into memory that
 * is dearer to get and to free than all else of reading a small one.
 */
import { Buffer } from 'node:buffer';
import type { IncomingMessage } from 'node:http';

/** Rejects when the client leaves before its end, or has left. To be called once, and instead of any other reading. */
export function requestBytes(incoming: IncomingMessage): Promise<Uint8Array<ArrayBuffer>> {
  return new Promise((resolve, reject) => {
    // It would never say so again.
    if (incoming.destroyed) return reject(new Error(LEFT));
    const chunks: Buffer<ArrayBuffer>[] = [];
    incoming.on('data', (chunk) => chunks.push(chunk));
    incoming.on('end', () => resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)));
    incoming.on('error', reject);
    incoming.on('close', () => {
      // Every request closes; an error costs as much as reading its body.
      if (incoming.readableEnded) return;
      reject(new Error(LEFT));
    });
  });
}

const LEFT = 'The client left before the end of its request';
