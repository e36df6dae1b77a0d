/** What people see. For now one server-rendered page: the last auctions, and where everything is. */
import { Hono } from 'hono';
import type { Route, Service } from '#shared/service.ts';
import { renderHome } from './home.ts';
import { STYLE } from './style.ts';

/** Auctions on the page: what fits a screen without searching. */
const ROWS = 25;

export interface WebDependencies {
  /** Answers `/api/*`. */
  analytics: Route;
  places: Place[];
}

/** Something a visitor may want to open or copy. */
export interface Place {
  name: string;
  value: string;
  href?: string;
}

export function createWeb({ analytics, places }: WebDependencies): Service {
  const app = new Hono();
  app.use(async (c, next) => {
    await next();
    c.header(
      'content-security-policy',
      "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'",
    );
    c.header('x-content-type-options', 'nosniff');
    c.header('referrer-policy', 'no-referrer');
  });
  app.get('/', async (c) => {
    const ask = async (path: string): Promise<unknown> => {
      const answer = await analytics(new Request(`http://web${path}`));
      return answer.ok ? await answer.json() : undefined;
    };
    const [outcomes, stats] = await Promise.all([
      ask(`/api/outcomes/?limit=${ROWS}`),
      ask('/api/outcomes/stats/'),
    ]);
    const origin = new URL(c.req.url).origin;
    return c.html(
      renderHome({ outcomes, stats, places, origin } as Parameters<typeof renderHome>[0]),
    );
  });
  app.get('/style.css', (c) => c.body(STYLE, 200, { 'content-type': 'text/css; charset=utf-8' }));
  app.all('*', (c) => c.json({ error: `There is nothing at ${c.req.path}` }, 404));
  return {
    name: 'web',
    fetch: (request) => app.fetch(request),
    start: async () => {},
    ready: async () => {},
    close: async () => {},
  };
}
