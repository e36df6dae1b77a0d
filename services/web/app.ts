/** What people see: the dashboard's pages, rendered here with their data, and its files. */
import { Hono } from 'hono';
import type { Dashboard, DashboardFile } from '#shared/runtime/dashboard.ts';
import type { Route, Service } from '#shared/service.ts';

export interface WebDependencies {
  /** Answers `/api/*`. */
  api: Route;
  /** Undefined when it was not built. */
  dashboard: Dashboard | undefined;
}

/** Scripts run by nonce only; charts need style attributes, nothing needs another host. */
function policy(nonce: string): string {
  return [
    "default-src 'none'",
    `script-src 'nonce-${nonce}' 'strict-dynamic'`,
    "style-src 'self'",
    "style-src-attr 'unsafe-inline'",
    "font-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

export function createWeb({ api, dashboard }: WebDependencies): Service {
  const app = new Hono();
  app.use(async (c, next) => {
    await next();
    c.header('x-content-type-options', 'nosniff');
    c.header('referrer-policy', 'no-referrer');
  });
  app.get('*', async (c) => {
    if (!dashboard) return c.text(NOT_BUILT, 503);
    const file = dashboard.files.get(c.req.path);
    if (file) return fileAnswer(file, c.req.header('accept-encoding') ?? '');
    const { pathname, search } = new URL(c.req.url);
    // The router of the pages takes what follows for a host, and shows an empty page.
    if (pathname.includes('//')) return c.redirect(pathname.replace(/\/+/g, '/') + search, 308);
    const nonce = crypto.randomUUID();
    const answer = await dashboard.page(c.req.raw, { nonce, api: askAs(c.req.raw, api) });
    const page = new Response(answer.body, answer);
    page.headers.set('content-security-policy', policy(nonce));
    page.headers.set('cache-control', 'no-store');
    return page;
  });
  app.all(
    '*',
    (c) => c.json({ error: `There is nothing to ${c.req.method} at ${c.req.path}` }, 404),
  );
  return {
    name: 'web',
    fetch: (request) => app.fetch(request),
    start: async () => {},
    ready: async () => {
      if (!dashboard) throw new Error(NOT_BUILT);
    },
    close: async () => {},
  };
}

const NOT_BUILT = 'The dashboard is not built yet: npm start builds it';

/** Pages ask in the name of who opened them: nobody sees more in a page than in the API. */
function askAs({ headers, url }: Request, api: Route): (path: string) => Promise<Response> {
  const asked = new Headers();
  for (const name of ['host', 'authorization', 'traceparent']) {
    const value = headers.get(name);
    if (value) asked.set(name, value);
  }
  return async (path) => await api(new Request(new URL(path, url), { headers: asked }));
}

const YEAR_S = 31_536_000;

function fileAnswer({ bodies, contentType, immutable }: DashboardFile, accepted: string): Response {
  const coding = (['br', 'gzip'] as const).find((name) => bodies[name] && accepted.includes(name));
  return new Response(bodies[coding ?? 'identity'], {
    headers: {
      'content-type': contentType,
      'cache-control': immutable ? `public, max-age=${YEAR_S}, immutable` : 'public, max-age=3600',
      vary: 'accept-encoding',
      ...(coding && { 'content-encoding': coding }),
    },
  });
}
