import { spawn } from 'node:child_process';
import process from 'node:process';
import { freeBytes, inGigabytes } from './disk.mjs';
import { explainNpm } from './explain-npm.mjs';
import { showProgress } from './progress.mjs';
import { SetupError } from './setup-error.mjs';
import { onDeno } from './versions.mjs';

/** Packages take 1.4 GB, a third of it the embedded ClickHouse, and npm needs as much again while it unpacks. */
const DISK_BYTES = 2_500_000_000;
/** npm as a package, for people who have Deno alone. */
const NPM = 'npm:npm@11.19.1';
/** No scripts: none of our packages needs one, and it is a stranger's code on this machine. */
const ARGUMENTS = [
  'ci',
  '--ignore-scripts',
  '--include=dev',
  '--include=optional',
  '--no-audit',
  '--no-fund',
];
const EXIT_CODES = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 };

/** Installs exactly what the lock file says; deletes what was there before. */
export async function npmCi(expected) {
  assertDisk();
  const begun = Date.now();
  console.error(`Installing ${expected.length} packages, about 1.4 GB; this happens once`);
  const progress = showProgress(expected.map(([path]) => path), begun);
  try {
    const { code, output } = await runNpm();
    if (code !== 0) throw explainNpm(code, output);
  } catch (error) {
    progress.end('');
    throw error;
  }
  progress.end(`Installed in ${Math.round((Date.now() - begun) / 1_000)} s`);
}

function runNpm() {
  const [command, ...before] = onDeno
    ? [process.execPath, 'run', '-A', '--no-config', '--no-lock', '--node-modules-dir=none', NPM]
    : ['npm'];
  const npm = spawn(command, [...before, ...ARGUMENTS], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1' },
  });
  const restore = endWithUs(npm);
  let output = '';
  const keep = (part) => output = (output + part).slice(-OUTPUT_CHARS);
  npm.stdout.on('data', keep);
  npm.stderr.on('data', keep);
  return new Promise((resolve, reject) => {
    npm.on('error', (error) => {
      if (error.code !== 'ENOENT') return reject(error);
      reject(
        new SetupError('Cannot install the packages: there is no npm on the PATH', [
          'npm comes with Node: https://nodejs.org',
          'With Deno alone use: deno task start',
        ]),
      );
    });
    npm.on('close', (code) => resolve({ code, output }));
  }).finally(restore);
}
/** npm's last words are what matters. */
const OUTPUT_CHARS = 20_000;

/** npm must not go on alone when we are told to stop, or when the shell that started us is gone. */
function endWithUs(npm) {
  const parent = process.ppid;
  const stop = (signal) => {
    npm.once('close', () => {
      console.error('\nInterrupted; the next start does it anew');
      process.exit(EXIT_CODES[signal]);
    });
    // Asked politely, npm goes on to the end and then takes everything back.
    npm.kill('SIGKILL');
  };
  const orphaned = setInterval(() => {
    if (process.ppid !== parent) stop('SIGHUP');
  }, 1_000);
  for (const signal of Object.keys(EXIT_CODES)) process.once(signal, stop);
  return () => {
    clearInterval(orphaned);
    for (const signal of Object.keys(EXIT_CODES)) process.off(signal, stop);
  };
}

function assertDisk() {
  const free = freeBytes();
  if (free >= DISK_BYTES) return;
  throw new SetupError(
    `Cannot install the packages: they need ${inGigabytes(DISK_BYTES)} of disk, ` +
      `${inGigabytes(free)} are free`,
  );
}
