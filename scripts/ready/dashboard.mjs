/** The step that builds the dashboard when its sources are not those of the last build. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { SetupError } from './setup-error.mjs';

const VITE = 'node_modules/vite/bin/vite.js';
const OUTPUT = 'web/dist';
/** Of which sources the build was made; written when it is complete. */
const STAMP = `${OUTPUT}/.sources`;
/** Everything that goes into it. */
const SOURCES = ['web', 'shared/model', 'package-lock.json'];

export const dashboard = {
  name: 'dashboard',
  needed: () => existsSync('web/vite.config.ts') && readText(STAMP) !== sources(),
  async run() {
    // Loaded here because this is rare, and `needed` is part of every start.
    const { whileAlone } = await import('./while-alone.mjs');
    await whileAlone('.cache/setup', async () => {
      if (!dashboard.needed()) return;
      const begun = Date.now();
      console.error('Building the dashboard; this happens once, and when its sources change');
      await build();
      await compress(`${OUTPUT}/client`);
      writeFileSync(STAMP, sources());
      console.error(`Built in ${Math.round((Date.now() - begun) / 1_000)} s`);
    });
  },
};

async function build() {
  const { runVite } = await import('./vite.mjs');
  const { code, output } = await runVite([VITE, 'build'], 'web');
  if (code === 0) return;
  const lines = output.trim().split('\n').slice(-20);
  throw new SetupError(`The dashboard could not be built: Vite ended with ${code}`, lines);
}

/** Beside each text, so that no request pays for it; what hardly shrinks is left alone. */
async function compress(folder) {
  const { brotliCompressSync, gzipSync } = await import('node:zlib');
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!/\.(css|js|svg)$/.test(name)) continue;
    const text = readFileSync(`${folder}/${name}`);
    for (const [ending, packed] of [['.br', brotliCompressSync(text)], ['.gz', gzipSync(text)]]) {
      if (packed.length < text.length * 0.9) writeFileSync(`${folder}/${name}${ending}`, packed);
    }
  }
}

function sources() {
  const hash = createHash('sha256');
  for (const source of SOURCES) {
    const names = existsSync(`${source}/.`)
      ? readdirSync(source, { recursive: true, encoding: 'utf8' }).sort()
        .filter((name) => !/^dist\b|\.test\.tsx?$/.test(name) && /\.\w+$/.test(name))
        .map((name) => `${source}/${name}`)
      : [source];
    for (const name of names) hash.update(`${name}\n`).update(readFileSync(name));
  }
  return hash.digest('hex');
}

function readText(file) {
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}
