/**
 * Rows on their way, as bytes outside the heap. Rows wait a second for their insert: as texts they
 * would be copied by the garbage collector two or three times meanwhile, which cost as much
 * processor time as making them.
 */

/** The first chunk of a quiet exchange; each further one has four times as many, up to the most. */
const CHUNK_BYTES_LEAST = 4 * 1024;
/** Bytes handed to the warehouse at once: some 10 µs of the event loop, some 30 rows of details. */
const CHUNK_BYTES_MOST = 128 * 1024;
const LINE_FEED = 0x0a;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export interface RowBytes {
  /** How many rows. */
  readonly count: number;
  /** Their bytes, line feeds left out. */
  readonly size: number;
  /** The rows, each ended by a line feed; no row lies in two chunks. */
  chunks(): Uint8Array[];
  /** @param row text without line feeds, UTF-8 when written */
  add(row: string): void;
  /** The rows that begin with `start`. For people who ask: looks at all bytes. */
  startingWith(start: string): string[];
}

interface Chunk {
  bytes: Uint8Array;
  used: number;
}

export function createRowBytes(): RowBytes {
  const chunks: Chunk[] = [];
  let last: Chunk | undefined;
  let count = 0;
  let size = 0;

  /** Appends a chunk with room for so many bytes at least. */
  function grow(least: number): Chunk {
    const usual = last ? Math.min(4 * last.bytes.length, CHUNK_BYTES_MOST) : CHUNK_BYTES_LEAST;
    last = { bytes: new Uint8Array(Math.max(usual, least)), used: 0 };
    chunks.push(last);
    return last;
  }

  /** Bytes written; undefined when the row does not fit. */
  function write({ bytes, used }: Chunk, row: string): number | undefined {
    // Not even room for the line feed: the view below would begin behind its end.
    if (used === bytes.length) return undefined;
    const { read, written } = encoder.encodeInto(row, bytes.subarray(used, -1));
    return read === row.length ? written : undefined;
  }

  return {
    get count() {
      return count;
    },
    get size() {
      return size;
    },
    chunks: () => chunks.map(filled),
    add(row) {
      const known = last ?? grow(0);
      let written = write(known, row);
      // A character has three bytes at most, and the line feed one.
      if (written === undefined) written = write(grow(3 * row.length + 1), row)!;
      const { bytes, used } = last!;
      bytes[used + written] = LINE_FEED;
      last!.used = used + written + 1;
      count++;
      size += written;
    },
    startingWith(start) {
      return chunks.flatMap((chunk) =>
        decoder.decode(filled(chunk)).split('\n').filter((row) => row.startsWith(start))
      );
    },
  };
}

function filled({ bytes, used }: Chunk): Uint8Array {
  return bytes.subarray(0, used);
}
