/** The step that installs what the lock file names, by npm, or by npm run on Deno. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import process from 'node:process';
import { freeBytes, inGigabytes } from './disk.mjs';
import { SetupError } from './setup-error.mjs';

const LOCK = 'package-lock.json';
/** npm's own record of what is installed; it writes it last. */
const INSTALLED = 'node_modules/.package-lock.json';
/**
 * Written when all is in place: for which platform (a folder may be shared with a container), and
 * the whole lock file, which is quicker to compare than to hash.
 */
const STAMP = 'node_modules/.helios-ready';

export const packages = {
  name: 'packages',
  needed: () => readText(STAMP) !== stamp(),
  async run() {
    // Loaded here because this is rare, and `needed` is part of every start.
    const { npmCi } = await import('./npm-ci.mjs');
    const { whileAlone } = await import('./while-alone.mjs');
    await whileAlone('.cache/setup', async () => {
      // Another process may have done it while this one waited; so may a person, with npm.
      if (packages.needed() && lacking().length > 0) {
        await npmCi(expected());
        assertComplete();
      }
      writeFileSync(STAMP, stamp());
    });
  },
};

function stamp() {
  return `${process.platform}-${process.arch}\n${readFileSync(LOCK, 'utf8')}`;
}

/**
 * Paths of the packages this platform gets. Optional ones without a platform of their own belong
 * to optional ones for others.
 */
function expected() {
  return Object.entries(locked(LOCK)).filter(([path, entry]) =>
    path !== '' && fits(entry) && (!entry.optional || entry.os || entry.cpu)
  );
}

/** What is not installed in the locked version. npm leaves out optional packages it cannot get. */
function lacking() {
  const installed = existsSync(INSTALLED) ? locked(INSTALLED) : {};
  return expected().filter(([path, { version }]) =>
    installed[path]?.version !== version || !existsSync(path)
  ).map(([path, { version }]) => `${path.replace(/^.*node_modules\//, '')} ${version}`);
}

function assertComplete() {
  const missing = lacking();
  if (missing.length === 0) return;
  const names = missing.slice(0, 3).join(', ') +
    (missing.length > 3 ? ` and ${missing.length - 3} more` : '');
  throw new SetupError(`Cannot install the packages: npm did not get ${names}`, [
    `Mostly this is a network that broke off, or a full disk (${
      inGigabytes(freeBytes())
    } are free)`,
    `Run the command again. If it stays, the registry may lack the package for ${process.platform}-${process.arch}`,
  ]);
}

function fits({ os, cpu, libc }) {
  return allows(os, process.platform) && allows(cpu, process.arch) &&
    (process.platform !== 'linux' ||
      allows(libc, existsSync('/etc/alpine-release') ? 'musl' : 'glibc'));
}

/** npm's rule: a list of names, or of names with "!" that are excluded. */
function allows(list, value) {
  if (list === undefined) return true;
  return list.includes(value) || (list[0].startsWith('!') && !list.includes(`!${value}`));
}

function locked(file) {
  return JSON.parse(readFileSync(file, 'utf8')).packages;
}

function readText(file) {
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}
