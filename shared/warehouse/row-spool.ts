/**
 * Rows on their way into chDB, in files that live for less than a second: they are deleted before
 * the system writes them to the disk. Rows inside the statement would cost twice the CPU, as chDB
 * reads the whole text as SQL words first.
 */
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

interface SpoolFile {
  handle: number;
  size: number;
  error: unknown;
}

const encoder = new TextEncoder();

export class RowSpool {
  readonly #folder: string;
  readonly #files = new Map<number, SpoolFile>();

  /** Empties the folder: what lies there was left by a process that was killed. */
  constructor(folder: string) {
    this.#folder = folder;
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  }

  /** Where the file of call `id` lies. */
  path(id: number): string {
    return join(this.#folder, String(id));
  }

  /** Never throws: what goes wrong is for {@link RowSpool.finish} to tell, once nothing follows. */
  append(id: number, data: string | Uint8Array): void {
    const file = this.#files.get(id) ?? this.#create(id);
    if (file.error !== undefined) return;
    try {
      const bytes = typeof data === 'string' ? encoder.encode(data) : data;
      for (let at = 0; at < bytes.length;) at += writeSync(file.handle, bytes, at);
      file.size += bytes.length;
    } catch (error) {
      file.error = error;
    }
  }

  /**
   * The file is complete, with so many bytes.
   * @throws {Error} when it is not, the disk being full for instance.
   */
  finish(id: number): number {
    const file = this.#files.get(id);
    this.#files.delete(id);
    if (file && file.handle >= 0) closeSync(file.handle);
    if (file?.error !== undefined) throw file.error;
    return file?.size ?? 0;
  }

  remove(id: number): void {
    rmSync(this.path(id), { force: true });
  }

  #create(id: number): SpoolFile {
    const file: SpoolFile = { handle: -1, size: 0, error: undefined };
    this.#files.set(id, file);
    try {
      file.handle = openSync(this.path(id), 'w', 0o600);
    } catch (error) {
      file.error = error;
    }
    return file;
  }
}
