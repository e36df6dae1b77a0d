import { existsSync } from 'node:fs';
import process from 'node:process';
import { SetupError } from './setup-error.mjs';

/** Enough to install; Node 26 itself comes as a package. */
const NODE_TO_INSTALL = 18;
/** Runs TypeScript as it is, and has what the dashboard and the tests need. */
const NODE_TO_RUN = 24;
/** Older ones close the connection after every POST, which costs half the throughput. */
const DENO_TO_RUN = [2, 9, 6];

export const onDeno = process.versions.deno !== undefined;

/** Where Node 26 lies when there is a package of it for the platform (not on macOS). */
export const BUNDLED_NODE = 'node_modules/.bin/node';

/** Whether what runs this file can do the set-up. */
export function checkRunner() {
  if (onDeno && isOlder(process.versions.deno, DENO_TO_RUN)) {
    throw new SetupError(
      `Helios needs Deno ${DENO_TO_RUN.join('.')} or newer, this is ${process.versions.deno}`,
      ['Run: deno upgrade'],
    );
  }
  if (!onDeno && isOlder(process.versions.node, [NODE_TO_INSTALL])) {
    throw new SetupError(
      `Helios needs Node ${NODE_TO_INSTALL} or newer to set itself up, ` +
        `this is ${process.versions.node}`,
      ['Get a current one from https://nodejs.org'],
    );
  }
}

/** Whether something can run the exchange, now that the packages are there. */
export function checkRuntime() {
  if (onDeno || existsSync(BUNDLED_NODE) || !isOlder(process.versions.node, [NODE_TO_RUN])) return;
  throw new SetupError(
    `Helios needs Node ${NODE_TO_RUN} or newer, this is ${process.versions.node}, ` +
      `and there is no package of it for ${process.platform}-${process.arch}`,
    ['Get it from https://nodejs.org, or use Deno: deno task start'],
  );
}

function isOlder(version, least) {
  const parts = version.split('.').map((part) => Number.parseInt(part, 10));
  const at = least.findIndex((number, i) => number !== parts[i]);
  return at !== -1 && parts[at] < least[at];
}
