import { mkdirSync, rmSync, statSync, utimesSync } from 'node:fs';
import { dirname } from 'node:path';
import process from 'node:process';
import { SetupError } from './setup-error.mjs';

/** The owner shows life this often … */
const SIGN_EVERY_MS = 1_000;
/** … and is taken for dead, killed within its work, after this long without. */
const DEAD_AFTER_MS = 10_000;
const LOOK_EVERY_MS = 500;

/**
 * Runs `work` while no other process does it in this checkout: two first starts at once would
 * each delete what the other installs. The owner is a folder whose time it keeps fresh.
 */
export async function whileAlone(path, work) {
  try {
    mkdirSync(dirname(path), { recursive: true });
  } catch (error) {
    throw cannotWrite(error);
  }
  let told = false;
  while (!take(path)) {
    if (!told) console.error('Another process is setting Helios up; waiting for it');
    told = true;
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
  const sign = setInterval(() => utimesSync(path, new Date(), new Date()), SIGN_EVERY_MS);
  const leave = () => rmSync(path, { recursive: true, force: true });
  process.once('exit', leave);
  try {
    return await work();
  } finally {
    clearInterval(sign);
    process.off('exit', leave);
    leave();
  }
}

/** Making a folder either works or finds it there, even for two at the same moment. */
function take(path) {
  try {
    mkdirSync(path);
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw cannotWrite(error);
  }
  const owner = statSync(path, { throwIfNoEntry: false });
  if (owner && Date.now() - owner.mtimeMs > DEAD_AFTER_MS) {
    rmSync(path, { recursive: true, force: true });
  }
  return false;
}

function cannotWrite(error) {
  return new SetupError(`Cannot set up in this folder: ${error.message}`, [
    'Check who owns it, and whether its disk is full or read-only',
  ]);
}
