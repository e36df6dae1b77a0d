/**
 * `/admin/:kind`: campaigns, creatives, publishers, bidders and keys, read and changed. A change is
 * a version in `config_changes`; every stage has it within a moment.
 */
import { Hono } from 'hono';
import type { CatalogView } from '#shared/catalog-view.ts';
import type { Log } from '#shared/log.ts';
import { type ConfigChange, ENTITIES } from '#shared/model/catalog.ts';
import { problem } from '#shared/problem.ts';
import type { Clock } from '#shared/service.ts';
import { readJsonBody } from './read-body.ts';
import { invalid } from './responses.ts';

/** Salts stay secret until their day is over, markers are the exchange's own. */
const OPEN_KINDS = ['bidder', 'campaign', 'creative', 'publisher', 'key'] as const;
type OpenKind = (typeof OPEN_KINDS)[number];

export interface AdminDependencies {
  catalog: CatalogView;
  clock: Clock;
  log: Log;
}

export function adminRoutes({ catalog, clock, log }: AdminDependencies): Hono {
  const app = new Hono();
  const publish = async (kind: OpenKind, id: string, value: unknown): Promise<void> => {
    const change = { v: 1, at: clock.now(), actor: 'admin', kind, id, value } as ConfigChange;
    await catalog.publish([change]);
    log.info('config_changed', { kind, id, removed: value === null });
  };
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
    const parsed = ENTITIES[kind].safeParse({ ...(body.value as object), id });
    if (!parsed.success) {
      return invalid(
        400,
        parsed.error.issues.map(({ path, message }) => ({
          path: path.join('.'),
          value: path.reduce<unknown>(
            (at, key) => (at as Record<PropertyKey, unknown>)?.[key],
            body.value,
          ),
          allowed: message,
          section: 'house',
          severity: 'error',
        })),
      );
    }
    await publish(kind, id, parsed.data);
    return c.json(withoutSecrets(parsed.data));
  });
  app.delete('/:kind/:id', async (c) => {
    const { kind, id } = c.req.param() as { kind: OpenKind; id: string };
    if (!catalog.current[kind].has(id)) {
      return problem(404, `There is no ${kind} ${JSON.stringify(id)}`);
    }
    await publish(kind, id, null);
    return c.body(null, 204);
  });
  return app;
}

function withoutSecrets(entity: object): object {
  const { hash: _, ...shown } = entity as { hash?: string };
  return shown;
}
