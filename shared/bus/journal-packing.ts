/**
 * Batches of records as the journal keeps them: large ones compressed, as their records are much alike.
 * What is not written need not be checkpointed or waited for.
 */
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';

/** Bytes below which compressing costs more than it saves: tens of µs however little there is. */
const PACK_FROM_BYTES = 16 * 1024;
const PARAMS = {
  // Makes a seventh of thirty outcomes; higher levels gain a few hundredths.
  [constants.ZSTD_c_compressionLevel]: 1,
  // A small table: each batch finds the caches filled with other things.
  [constants.ZSTD_c_hashLog]: 12,
  [constants.ZSTD_c_checksumFlag]: 1,
};
const decoder = new TextDecoder();

/** A zstd frame, or undefined where the text is to be kept as it is. */
export function pack(text: Uint8Array): Uint8Array | undefined {
  if (text.length < PACK_FROM_BYTES) return undefined;
  // Room for everything at once: zstd copies nothing then, which takes a third of its time.
  const chunkSize = text.length + (text.length >> 8) + 512;
  return zstdCompressSync(text, { params: PARAMS, chunkSize });
}

/** The text again; an empty one when the frame is damaged. */
export function unpack(stored: unknown): string {
  if (typeof stored === 'string') return stored;
  try {
    return decoder.decode(zstdDecompressSync(stored as Uint8Array));
  } catch {
    return '';
  }
}
