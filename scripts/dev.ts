/**
 * `npm run dev`: pages that change while they are written. Vite serves them and passes `/api` and
 * `/live` on to the stages, which are started here unless they run already.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import process from 'node:process';
import { runtimeCommand } from '#shared/runtime/runtime.ts';
import { fileURLToPath } from 'node:url';
import { parseFlags, text, whole } from './flags.ts';
import { ownUrl } from './own-exchange.ts';

const { values: flags } = parseFlags({
  url: text(
    'where the stages are; started here when nothing answers',
    ownUrl,
    /^https?:\/\/[^/?#\s]+\/?$/,
    'http(s)://host:port',
  ),
  port: whole('of the pages', 1, 65_535, 3000),
}, {
  command: 'npm run dev --',
  about: 'Serves the dashboard with hot reload against running stages.',
});

const MAIN = fileURLToPath(new URL('../services/main.ts', import.meta.url));
const VITE = fileURLToPath(new URL('../node_modules/vite/bin/vite.js', import.meta.url));
const WEB = fileURLToPath(new URL('../web/', import.meta.url));

const children: ChildProcess[] = [];
/** The first that ends takes the other with it. */
const run = ([command, ...args]: readonly string[], cwd?: string): void => {
  const child = spawn(command!, args, {
    cwd,
    stdio: 'inherit',
    env: { ...process.env, HELIOS_URL: flags.url, PORT: new URL(flags.url).port || '80' },
  });
  children.push(child);
  child.on('exit', (code) => end('SIGTERM', code ?? 1));
};
const end = (signal: NodeJS.Signals, code: number): void => {
  process.exitCode ??= code;
  for (const child of children) if (child.exitCode === null) child.kill(signal);
};
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => end(signal, 0));

const there = await fetch(`${flags.url}/healthz`).then((answer) => answer.ok, () => false);
if (!there) run(runtimeCommand(MAIN));
run(runtimeCommand(VITE, 'dev', '--port', String(flags.port), '--strictPort'), WEB);
