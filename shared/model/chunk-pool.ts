/**
 * Memory for rows on their way, used again and again by this thread. A fresh chunk costs a page fault
 * every 4 KiB when it is written to; left to the collector, tens of MB a second would make it look
 * through the whole heap for them.
 */

/**
 * Bytes handed to the warehouse at once: 0.1 ms of the event loop, some 120 rows of details. Each way
 * there and back makes some objects that grow old before they are needed no more.
 */
export const CHUNK_BYTES = 512 * 1024;
/** Chunks that wait for their next use: 32 MB, the rows of some seconds of full load. */
const KEPT_MAX = 64;

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
