/** The built dashboard: its server's bundle and its files. `npm start` builds it: scripts/ready/dashboard.mjs. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** What the `web` stage gives a page with its request; absent under the development server. */
export interface PageContext {
  /** Allows this answer's inline scripts. */
  nonce: string;
  /** Asks another stage in the same process: no socket, no key. */
  api(path: string): Promise<Response>;
}

export interface DashboardFile {
  /** By content coding: as it is, and what was compressed at build time. */
  bodies: {
    identity: Uint8Array<ArrayBuffer>;
    br?: Uint8Array<ArrayBuffer>;
    gzip?: Uint8Array<ArrayBuffer>;
  };
  contentType: string;
  /** Its name changes with its content. */
  immutable: boolean;
}

export interface Dashboard {
  /** Renders a page; the answer is whole when its headers are there. */
  page(request: Request, context: PageContext): Promise<Response>;
  /** By path, `/favicon.svg`. All are in memory: they are few and asked for at every first visit. */
  files: ReadonlyMap<string, DashboardFile>;
}

/** Resolves to undefined when it was not built, which a start by `npm start` always does. */
export async function loadDashboard(folder: URL): Promise<Dashboard | undefined> {
  const entry = new URL('server/entry-server.js', folder);
  if (!existsSync(entry)) return undefined;
  const { default: app } = await import(entry.href) as {
    default: { fetch(request: Request): Promise<Response> };
  };
  return {
    page: (request, context) => app.fetch(Object.assign(request, { context })),
    files: readFiles(fileURLToPath(new URL('client/', folder))),
  };
}

const TYPES: Record<string, string> = {
  css: 'text/css; charset=utf-8',
  ico: 'image/x-icon',
  js: 'text/javascript; charset=utf-8',
  json: 'application/json',
  png: 'image/png',
  svg: 'image/svg+xml',
  txt: 'text/plain; charset=utf-8',
  woff2: 'font/woff2',
};
const PACKED = { br: '.br', gzip: '.gz' } as const;

function readFiles(folder: string): Map<string, DashboardFile> {
  const files = new Map<string, DashboardFile>();
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  for (const name of names) {
    const path = name.replaceAll('\\', '/');
    const contentType = TYPES[path.slice(path.lastIndexOf('.') + 1)];
    if (!contentType || path.startsWith('.')) continue;
    const read = (ending: string) =>
      names.includes(name + ending) ? readFileSync(folder + name + ending) : undefined;
    files.set(`/${path}`, {
      bodies: { identity: read('')!, br: read(PACKED.br), gzip: read(PACKED.gzip) },
      contentType,
      immutable: path.startsWith('_build/'),
    });
  }
  return files;
}
