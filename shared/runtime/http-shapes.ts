/**
 * Keeps the requests and responses of node:http quick to use for as long as the process lives.
 *
 * V8 settles how many fields an object has room for after the first seven of its constructor, by the
 * fields it remembers of them. It forgets those when garbage is collected while none of the seven is
 * alive, which is how a process starts: few requests, many collections. From then on every request
 * and response outgrows its room and becomes a hash table; a busy exchange spent a tenth of its main
 * thread on that, or nothing, as chance had it.
 */
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';

/** More than V8 counts. */
const MADE = 10;

let settled: ServerResponse[] | undefined;

/** All made at once and alive together, so that nothing of them can be forgotten. */
export function settleHttpShapes(): void {
  settled ??= Array.from(
    { length: MADE },
    () => new ServerResponse(new IncomingMessage(new Socket())),
  );
}
