import { existsSync, readdirSync, statSync } from 'node:fs';
import process from 'node:process';

/** A terminal's line is drawn anew this often; a log gets a line of its own less often. */
export const EVERY_MS = process.stderr.isTTY ? 1_000 : 10_000;

/** Shows how much of `paths` is on the disk, on standard error: standard output is the program's. */
export function showProgress(paths, begun) {
  const draw = () => {
    const there = paths.filter((path) => existsSync(`${path}/package.json`)).length;
    const seconds = Math.round((Date.now() - begun) / 1_000);
    showLine(
      `  ${there} of ${paths.length} packages, ${megabytes('node_modules')} MB, ${seconds} s`,
    );
  };
  const timer = setInterval(draw, EVERY_MS);
  return {
    end(text) {
      clearInterval(timer);
      showLine('');
      if (text !== '') console.error(text);
    },
  };
}

/** The line as it is now; the empty one takes it away where it was drawn. */
export function showLine(text) {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[2K${text}`);
  else if (text !== '') process.stderr.write(`${text}\n`);
}

/** Of files that come and go while we look. */
function megabytes(folder) {
  let bytes = 0;
  const add = (path) => {
    for (const entry of list(path)) {
      const child = `${path}/${entry.name}`;
      if (entry.isDirectory()) add(child);
      else bytes += statSync(child, { throwIfNoEntry: false })?.size ?? 0;
    }
  };
  add(folder);
  return Math.round(bytes / 1e6);
}

function list(path) {
  try {
    return readdirSync(path, { withFileTypes: true });
  } catch {
    return [];
  }
}
