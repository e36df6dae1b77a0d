/** Why a data directory cannot be used, in one line. */
export class DataDirError extends Error {
  override name = 'DataDirError';
  readonly code: 'in-use' | 'foreign' | 'not-a-folder' | 'not-writable' | 'no-space' | 'failed';

  constructor(code: DataDirError['code'], path: string, state: string, options?: ErrorOptions) {
    super(`Cannot use the data directory ${path}: ${state}`, options);
    this.code = code;
  }

  /**
   * From what the file system or SQLite said, which is the cause where the line leaves something out;
   * Deno gives SQLite's errors without numbers.
   */
  static from(error: unknown, path: string): DataDirError {
    if (error instanceof DataDirError) return error;
    const { code, message } = error as { code?: unknown; message: string };
    const options = { cause: error };
    if (code === 'EEXIST' || code === 'ENOTDIR') {
      return new DataDirError('not-a-folder', path, 'it is not a folder');
    }
    if (code === 'ENOSPC' || code === 'EDQUOT' || /disk is full/.test(message)) {
      return new DataDirError('no-space', path, 'no space is left on the disk');
    }
    if (
      code === 'EACCES' || code === 'EPERM' || code === 'EROFS' ||
      /readonly|read-only|unable to open/.test(message)
    ) {
      return new DataDirError('not-writable', path, 'it is not writable', options);
    }
    if (/not a database|malformed/.test(message)) {
      const state = 'its lock.db is damaged; delete that file, no exchange can be running';
      return new DataDirError('failed', path, state, options);
    }
    return new DataDirError('failed', path, message, options);
  }
}
