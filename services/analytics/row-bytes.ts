/**
 * Rows on their way, as bytes outside the heap. Rows wait a second for their insert: as texts they
 * would be copied by the garbage collector two or three times meanwhile, which cost as much
 * processor time as making them.
 */
import { Buffer } from 'node:buffer';
import { CHUNK_BYTES, giveChunkBack, takeChunk } from '#shared/model/chunk-pool.ts';

/** The first chunk of a quiet exchange; each further one has four times as many, up to the usual. */
const CHUNK_BYTES_LEAST = 4 * 1024;
const LINE_FEED = 0x0a;
/** Of what String.length counts, in UTF-8. */
const CHARACTER_BYTES_MAX = 3;

const decoder = new TextDecoder();

export interface RowBytes {
  /** How many rows. */
  readonly count: number;
  /** Their bytes, line feeds left out. */
  readonly size: number;
  /** The rows, each ended by a line feed; no row lies in two chunks. */
  chunks(): Uint8Array[];
  /**
   * Adds a row. Its text may come in pieces: joined, it would be copied once more.
   * @param pieces text without line feeds, UTF-8 when written
   */
  add(...pieces: readonly string[]): void;
  /** The rows that begin with `start`. For people who ask: looks at all bytes. */
  startingWith(start: string): string[];
  /** Gives the memory back, for when the rows are of no more use; there are none afterwards. */
  release(): void;
}

interface Chunk {
  bytes: Buffer<ArrayBuffer>;
  used: number;
}

export function createRowBytes(): RowBytes {
  let chunks: Chunk[] = [];
  let last: Chunk | undefined;
  let count = 0;
  let size = 0;

  /** Appends a chunk with room for so many bytes at least. */
  function grow(least: number): Chunk {
    const usual = last ? Math.min(4 * last.bytes.length, CHUNK_BYTES) : CHUNK_BYTES_LEAST;
    const size = Math.max(usual, least);
    const memory = size === CHUNK_BYTES ? takeChunk() : new ArrayBuffer(size);
    last = { bytes: Buffer.from(memory), used: 0 };
    chunks.push(last);
    return last;
  }

  return {
    get count() {
      return count;
    },
    get size() {
      return size;
    },
    chunks: () => chunks.map(filled),
    add(...pieces) {
      let most = 1;
      for (const { length } of pieces) most += CHARACTER_BYTES_MAX * length;
      const chunk = last && last.bytes.length - last.used >= most ? last : grow(most);
      const { bytes, used } = chunk;
      let at = used;
      for (const piece of pieces) at += bytes.write(piece, at);
      bytes[at] = LINE_FEED;
      chunk.used = at + 1;
      count++;
      size += at - used;
    },
    startingWith(start) {
      return chunks.flatMap((chunk) =>
        decoder.decode(filled(chunk)).split('\n').filter((row) => row.startsWith(start))
      );
    },
    release() {
      for (const { bytes } of chunks) giveChunkBack(bytes.buffer);
      chunks = [];
      last = undefined;
    },
  };
}

function filled({ bytes, used }: Chunk): Uint8Array {
  return bytes.subarray(0, used);
}
