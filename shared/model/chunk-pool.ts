/**
 * Memory for rows on their way, used again and again by this thread. A fresh chunk costs a page fault
 * every 4 KiB when it is written to; left to the collector, tens of MB a second would make it look
 * through the whole heap for them.
 */

/** Bytes handed to the warehouse at once: some 10 µs of the event loop, some 30 rows of details. */
export const CHUNK_BYTES = 128 * 1024;
/** Chunks that wait for their next use: 32 MB, the rows of some seconds of full load. */
const KEPT_MAX = 256;

const kept: ArrayBuffer[] = [];

/** A chunk of {@link CHUNK_BYTES} with anything in it. */
export function takeChunk(): ArrayBuffer {
  return kept.pop() ?? new ArrayBuffer(CHUNK_BYTES);
}

/** For when nobody reads it any more. Memory of another size goes back to the system at once. */
export function giveChunkBack(memory: ArrayBuffer): void {
  if (memory.byteLength === CHUNK_BYTES && kept.length < KEPT_MAX) kept.push(memory);
  else memory.transfer(0);
}
