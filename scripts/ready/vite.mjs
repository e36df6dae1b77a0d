import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import process from 'node:process';
import { EVERY_MS, showLine } from './progress.mjs';
import { BUNDLED_NODE, onDeno } from './versions.mjs';

const OUTPUT_CHARS = 20_000;

/** Runs Vite on Node 26 where there is one, else on what we run on. Resolves to its code and words. */
export function runVite([script, ...args], folder) {
  const node = existsSync(BUNDLED_NODE) ? resolve(BUNDLED_NODE) : process.execPath;
  const before = node === process.execPath && onDeno ? ['run', '-A'] : [];
  const vite = spawn(node, [...before, resolve(script), ...args], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1', NODE_ENV: 'production' },
  });
  let output = '';
  const keep = (part) => output = (output + part).slice(-OUTPUT_CHARS);
  vite.stdout.on('data', keep);
  vite.stderr.on('data', keep);
  const stop = () => vite.kill();
  process.once('exit', stop);
  const begun = Date.now();
  const timer = setInterval(() => {
    const seconds = Math.round((Date.now() - begun) / 1_000);
    const [last = ''] = output.trim().split('\n').slice(-1);
    showLine(`  ${last.trim().slice(0, 60) || 'starting Vite'}, ${seconds} s`);
  }, EVERY_MS);
  return new Promise((resolve, reject) => {
    vite.on('error', reject);
    vite.on('close', (code) => resolve({ code, output }));
  }).finally(() => {
    clearInterval(timer);
    process.off('exit', stop);
    showLine('');
  });
}
