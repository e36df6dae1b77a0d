/** The analytics stage: brings the ledger into the warehouse and answers questions about it. */
import { type Context, Hono } from 'hono';
import type { Bus } from '#shared/bus/bus.ts';
import type { Log } from '#shared/log.ts';
import type { Metrics } from '#shared/metrics.ts';
import { parseAuctionId } from '#shared/model/auction-id.ts';
import type { Catalog } from '#shared/model/catalog.ts';
import { problem } from '#shared/problem.ts';
import type { Clock, Service } from '#shared/service.ts';
import type { Tracer } from '#shared/trace.ts';
import { type Warehouse, WarehouseError } from '#shared/warehouse/warehouse.ts';
import { auctionAnswer } from './auction-answer.ts';
import { parseNothing } from './filters.ts';
import { Live } from './live.ts';
import { knownSteps, livePast } from './live-sources.ts';
import { lookUp } from './look-up.ts';
import { addOutcomeRoutes } from './outcome-routes.ts';
import { queryOf, refused, RETRY_AFTER_S, unanswered } from './refusals.ts';
import { saltsAnswer } from './salts-answer.ts';
import { createWriter, type Writer } from './writer.ts';

export interface AnalyticsDependencies {
  bus: Bus;
  warehouse: Warehouse;
  catalog: { readonly current: Catalog };
  clock: Clock;
  log: Log;
  metrics: Metrics;
  tracer?: Tracer | undefined;
  /** Share of auctions whose details are kept, as the auction stage has it; all without it. */
  detailSample?: number;
  /** Whether an auction is open; without it, such an auction is unknown until it closes. */
  pending?: (auctionId: string) => boolean;
  onError?: (error: unknown, where: { stage: 'analytics' }) => void;
}

/**
 * Answers hold user ids and prices of everyone: whoever routes requests here decides who may ask.
 */
export function createAnalytics(dependencies: AnalyticsDependencies): Service {
  const { log } = dependencies;
  const onError = dependencies.onError ??
    ((error: unknown): void => log.error('analytics_failed', { error }));
  const writer = createWriter({
    ...dependencies,
    onError,
    onStored: (ranges) => live.stored(ranges),
    // They are ten times the outcomes: fetched and read once.
    onDetails: (batch) => live.details(batch),
  });
  const live = new Live({
    ...dependencies,
    known: (auctionId) => knownSteps(auctionId, writer, dependencies.warehouse),
    past: (now) => livePast(dependencies.warehouse, now),
    onError: (error) => onError(error, { stage: 'analytics' }),
  });
  const app = new Hono({ strict: false });
  // Answers are of this moment, and hold user ids and prices: no browser or proxy keeps them.
  app.use(async (c, next) => {
    await next();
    c.res.headers.set('cache-control', 'no-store');
  });
  const route = (path: string, answer: (c: Context) => Response | Promise<Response>): void => {
    // One handler for all methods: Hono would answer HEAD by running GET, at the price of its query.
    app.all(
      path,
      (c) =>
        c.req.raw.method === 'GET'
          ? answer(c)
          : problem(405, 'Only GET is allowed here', { allow: 'GET' }),
    );
  };
  const api = new Api(dependencies, writer);
  addOutcomeRoutes(route, { ...dependencies, onError });
  route('/api/auctions/:id', (c) => api.auction(c, c.req.param('id')!));
  route('/api/salts', (c) => api.salts(c));
  route('/api/live', (c) => c.body(live.snapshot(), 200, { 'content-type': 'application/json' }));
  app.notFound((c) => problem(404, `There is nothing at ${c.req.path}`));
  app.onError((error) => {
    onError(error, { stage: 'analytics' });
    if (error instanceof WarehouseError) return unanswered(error);
    return problem(500, 'The request failed for a reason that is not yours; it was logged');
  });
  return {
    name: 'analytics',
    fetch: (request) => app.fetch(request),
    upgrade: () => live.connect(),
    async start() {
      await writer.start();
      await live.start();
    },
    ready: () => writer.ready(),
    async close() {
      await live.close();
      await writer.close();
    },
  };
}

class Api {
  readonly #on: AnalyticsDependencies;
  readonly #writer: Writer;

  constructor(dependencies: AnalyticsDependencies, writer: Writer) {
    this.#on = dependencies;
    this.#writer = writer;
  }

  async auction(c: Context, auctionId: string): Promise<Response> {
    const query = parseNothing(queryOf(c));
    if (!query.ok) return refused(query.problem);
    const parsed = parseAuctionId(auctionId);
    if (!parsed) {
      const allowed = 'the 23 characters of an auction id';
      return refused({ field: 'id', value: auctionId, allowed });
    }
    const { warehouse, catalog, clock, pending, detailSample = 1 } = this.#on;
    const known = await lookUp(auctionId, parsed.timeMs, this.#writer, warehouse);
    if (known) return c.json(auctionAnswer(known, catalog.current, clock.now(), detailSample));
    if (!pending?.(auctionId)) return problem(404, `There is no auction ${auctionId}`);
    const body = { auction_id: auctionId, status: 'pending' };
    return c.json(body, 202, { 'retry-after': RETRY_AFTER_S });
  }

  salts(c: Context): Response {
    const query = parseNothing(queryOf(c));
    if (!query.ok) return refused(query.problem);
    return c.json({ results: saltsAnswer(this.#on.catalog.current, this.#on.clock.now()) });
  }
}
