/** A headless Chromium: the system's, or the one that comes as a package. No root is needed. */
import { existsSync } from 'node:fs';
import process from 'node:process';
import { type Browser, chromium } from 'playwright-core';

const SYSTEM = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];
/** Unpacking the package's Chromium on a busy machine takes half a minute. */
const LAUNCH_TIMEOUT_MS = 90_000;

/** Resolves to the reason, for people, where neither can be had. */
export async function openBrowser(): Promise<Browser | string> {
  const tried: string[] = [];
  for (const find of [system, packaged]) {
    try {
      return await chromium.launch({
        executablePath: await find(),
        timeout: LAUNCH_TIMEOUT_MS,
        args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--headless=new'],
      });
    } catch (error) {
      tried.push((error as Error).message.split('\n')[0]!);
    }
  }
  return `No Chromium can be started: ${tried.join('; ')}`;
}

function system(): Promise<string> {
  const path = [process.env['CHROMIUM'] ?? '', ...SYSTEM].find((path) => path && existsSync(path));
  return path ? Promise.resolve(path) : Promise.reject(new Error('none in the system'));
}

async function packaged(): Promise<string> {
  const { default: packed } = await import('@sparticuz/chromium');
  return await packed.executablePath();
}
