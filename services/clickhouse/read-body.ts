/** Reads a body of rows within bounds, inflating it on the way. */

/** Largest body, as sent and as inflated: 100,000 rows of details; larger inserts come in parts. */
export const BODY_BYTES_MAX = 128 * 1024 * 1024;
/** Room to begin with when the length is not told. */
const FIRST_BYTES = 64 * 1024;

export type Body =
  | { kind: 'read'; bytes: Uint8Array }
  | { kind: 'too-large' }
  | { kind: 'unknown-encoding'; encoding: string }
  | { kind: 'broken' };

export async function readBody(request: Request, bytesMax = BODY_BYTES_MAX): Promise<Body> {
  const encoding = request.headers.get('content-encoding') ?? 'identity';
  const length = Number(request.headers.get('content-length') ?? 0);
  if (length > bytesMax) return { kind: 'too-large' };
  if (!request.body) return { kind: 'read', bytes: new Uint8Array() };
  if (encoding === 'identity') return await collect(request.body, length, bytesMax);
  if (encoding !== 'gzip') return { kind: 'unknown-encoding', encoding };
  const inflated = request.body.pipeThrough(new DecompressionStream('gzip'));
  return await collect(inflated, length * 4, bytesMax);
}

/** Copies each piece as it comes: joining megabytes at the end would stop the event loop. */
async function collect(
  stream: ReadableStream<Uint8Array>,
  expected: number,
  bytesMax: number,
): Promise<Body> {
  let bytes = new Uint8Array(Math.min(Math.max(expected, FIRST_BYTES), bytesMax));
  let length = 0;
  try {
    for await (const piece of stream) {
      if (length + piece.length > bytesMax) return { kind: 'too-large' };
      if (length + piece.length > bytes.length) {
        const larger = Math.min(Math.max(bytes.length * 2, length + piece.length), bytesMax);
        // The memory before goes at once, instead of with the next collection of all memory.
        bytes = new Uint8Array(bytes.buffer.transfer(larger));
      }
      bytes.set(piece, length);
      length += piece.length;
    }
  } catch {
    return { kind: 'broken' };
  }
  return { kind: 'read', bytes: bytes.subarray(0, length) };
}
