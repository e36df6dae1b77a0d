/**
 * `/admin/:kind`: campaigns, creatives, publishers, bidders and keys, read and changed. A change is
 * a version in `config_changes`; every stage has it within a moment. docs/admin.md is for callers.
 */
import { Hono } from 'hono';
import type { CatalogView } from '#shared/catalog-view.ts';
import type { Log } from '#shared/log.ts';
import type { ConfigChange } from '#shared/model/catalog.ts';
import { problem } from '#shared/problem.ts';
import type { Clock } from '#shared/service.ts';
import { parseEntity } from './admin-entity.ts';
import { OPEN_KINDS, type OpenKind } from './admin-shapes.ts';
import { readJsonBody } from './read-body.ts';
import { invalid } from './responses.ts';

export interface AdminDependencies {
  catalog: CatalogView;
  clock: Clock;
  log: Log;
}

export function adminRoutes({ catalog, clock, log }: AdminDependencies): Hono {
  const app = new Hono();
  /** Resolves to the answer of a change that is not stored for certain. */
  const publish = async (
    kind: OpenKind,
    id: string,
    value: unknown,
  ): Promise<Response | undefined> => {
    const change = { v: 1, at: clock.now(), actor: 'admin', kind, id, value } as ConfigChange;
    try {
      await catalog.publish([change]);
    } catch (error) {
      log.error('config_not_changed', { kind, id, error });
      const text = `The change may be lost, look before you repeat it: ${(error as Error).message}`;
      return problem(503, text, { 'retry-after': '1' });
    }
    log.info('config_changed', { kind, id, removed: value === null });
  };
  app.get('/', (c) =>
    c.json(OPEN_KINDS.map((kind) => {
      const { size: count } = catalog.current[kind];
      return { kind, address: `/admin/${kind}`, count };
    })));
  app.all('/', () => notAllowed('GET'));
  app.use('/:kind/*', async (c, next) => {
    const kind = c.req.param('kind');
    if ((OPEN_KINDS as readonly string[]).includes(kind)) return await next();
    return problem(
      404,
      `There is no kind ${JSON.stringify(kind)}: allowed is ${OPEN_KINDS.join(', ')}`,
    );
  });
  app.get('/:kind', (c) => {
    const kind = c.req.param('kind') as OpenKind;
    return c.json([...catalog.current[kind].values()].map(withoutSecrets));
  });
  app.all('/:kind', () => notAllowed('GET'));
  app.get('/:kind/:id', (c) => {
    const { kind, id } = c.req.param() as { kind: OpenKind; id: string };
    const entity = catalog.current[kind].get(id);
    return entity
      ? c.json(withoutSecrets(entity))
      : problem(404, `There is no ${kind} ${JSON.stringify(id)}`);
  });
  app.put('/:kind/:id', async (c) => {
    const { kind, id } = c.req.param() as { kind: OpenKind; id: string };
    const body = await readJsonBody(c.req.raw);
    if (!body.ok) return invalid(body.status, [body.finding]);
    const parsed = parseEntity(kind, id, body.value, catalog.current);
    if (!parsed.ok) return invalid(400, parsed.findings);
    return await publish(kind, id, parsed.entity) ?? c.json(withoutSecrets(parsed.entity));
  });
  app.delete('/:kind/:id', async (c) => {
    const { kind, id } = c.req.param() as { kind: OpenKind; id: string };
    if (!catalog.current[kind].has(id)) {
      return problem(404, `There is no ${kind} ${JSON.stringify(id)}`);
    }
    return await publish(kind, id, null) ?? c.body(null, 204);
  });
  app.all('/:kind/:id', () => notAllowed('GET, PUT, DELETE'));
  app.all('*', () => problem(404, 'There is nothing here: GET /admin lists the kinds'));
  return app;
}

function notAllowed(allow: string): Response {
  return problem(405, `Allowed here is ${allow}`, { allow });
}

function withoutSecrets(entity: object): object {
  const { hash: _, ...shown } = entity as { hash?: string };
  return shown;
}
