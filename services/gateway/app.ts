/**
 * The public edge: takes requests in both forms, starts an auction for each and answers when its
 * outcome is durable, by the publisher's deadline at the latest. Everything else is routed.
 */
import { type Context, Hono } from 'hono';
import type { Bus, Reader } from '#shared/bus/bus.ts';
import type { CatalogView } from '#shared/catalog-view.ts';
import type { Log } from '#shared/log.ts';
import type { Metrics } from '#shared/metrics.ts';
import { biddingGroups } from '#shared/model/catalog.ts';
import { Lookout } from '#shared/model/lookout.ts';
import { problem } from '#shared/problem.ts';
import { type Clock, fineTime, type Route, type Service, type Upgrade } from '#shared/service.ts';
import type { Store } from '#shared/store/store.ts';
import { acceptTraceparent, type Tracer } from '#shared/trace.ts';
import { adminRoutes } from './admin.ts';
import { AuctionById } from './auction-by-id.ts';
import { AuctionDesk } from './auction-desk.ts';
import { AUCTION_PATHS, formAskedFor } from './auction-paths.ts';
import { type AuctionIds, createAuctionIds } from './auction-ids.ts';
import { LATE_CLOSE_MS } from './deadlines.ts';
import { type Entrant, letIn } from './entrant.ts';
import type { Form } from './forms.ts';
import { type GatewayCounts, makeCounts, watchGateway } from './gateway-counts.ts';
import { Guard } from './guard.ts';
import { Idempotency } from './idempotency.ts';
import { KeptAnswers } from './kept-answers.ts';
import { readJsonBody } from './read-body.ts';
import { invalid, tooBusy, withWarnings } from './responses.ts';
import { PartitionBreaker } from './partition-breaker.ts';
import { type RequestTrace, withSpan } from './request-span.ts';
import { Undelivered } from './undelivered.ts';
import { WaitingRoom } from './waiting-room.ts';

/** Grain of the deadline: the empty answer goes out at most this much after it. */
const SWEEP_INTERVAL_MS = 4;

export interface GatewayDependencies {
  bus: Bus;
  store: Store;
  catalog: CatalogView;
  clock: Clock;
  log: Log;
  metrics: Metrics;
  /** The partitions this gateway starts auctions in and reads outcomes of. */
  slice: readonly number[];
  /** Its auctions are closed in this process: only outcomes of this process matter. */
  echo?: boolean;
  loopback: boolean;
  adminKey: string | undefined;
  tmaxDefaultMs: number;
  waitingMax: number;
  routes: { analytics?: Route; web?: Route; live?: Upgrade };
  /** Starts and stops requests of its own; absent where everybody can reach this door. */
  sampleTraffic?: { fetch: Route; close(): void } | undefined;
  tracer?: Tracer | undefined;
}

export function createGateway(dependencies: GatewayDependencies): Service {
  const gateway = new Gateway(dependencies);
  const app = new Hono();
  const auction = withSpan(dependencies.tracer, gateway);
  for (const [path, form] of Object.entries(AUCTION_PATHS)) {
    app.post(path, (c) => auction(c.req.raw, form));
    app.all(path, () => problem(405, 'Only POST is allowed here', { allow: 'POST' }));
  }
  app.get('/api/auctions/:id', (c) => gateway.auctionById(c));
  app.use((c, next) => gateway.guard(c, next));
  app.route('/admin', adminRoutes(dependencies));
  app.all('/api/sample-traffic', (c) => gateway.sampleTraffic(c));
  app.all('/api/*', (c) => gateway.route(c, 'analytics'));
  app.all('/live', () => problem(426, 'This is a WebSocket', { upgrade: 'websocket' }));
  app.all('*', (c) => gateway.route(c, 'web'));
  const failed = (error: unknown): Response => {
    dependencies.log.error('request_failed', { error });
    return problem(500, 'The request failed for a reason that is not yours; it was logged');
  };
  app.onError(failed);
  return {
    name: 'gateway',
    fetch(request) {
      const form = formAskedFor(request);
      return form ? auction(request, form).catch(failed) : app.fetch(request);
    },
    upgrade: (request) => gateway.upgrade(request),
    start: () => gateway.start(),
    ready: () => gateway.ready(),
    close: () => gateway.close(),
  };
}

class Gateway {
  readonly #on: GatewayDependencies;
  readonly #room = new WaitingRoom();
  readonly #breaker: PartitionBreaker;
  readonly #ids: AuctionIds;
  readonly #desk: AuctionDesk;
  readonly #byId: AuctionById;
  readonly #count: GatewayCounts;
  readonly #guard: Guard;
  readonly #undelivered: Undelivered;
  readonly #sweeper = new Lookout(SWEEP_INTERVAL_MS, () => this.#sweep());
  #reader: Reader | undefined;
  #ending = false;

  constructor(dependencies: GatewayDependencies) {
    this.#on = dependencies;
    this.#breaker = new PartitionBreaker(dependencies.slice);
    this.#ids = createAuctionIds((now) => this.#breaker.next(now));
    this.#count = makeCounts(dependencies.metrics);
    this.#guard = new Guard({ ...dependencies, refused: this.#count.refused });
    this.#undelivered = new Undelivered({ ...dependencies, count: this.#count.undelivered });
    const answers = new KeptAnswers(dependencies.store);
    const shared = { ...dependencies, room: this.#room, answers, sweeper: this.#sweeper };
    const idempotency = new Idempotency(dependencies.store);
    this.#desk = new AuctionDesk({ ...shared, ids: this.#ids, idempotency, count: this.#count });
    this.#byId = new AuctionById(shared);
    watchGateway(dependencies.metrics, this.#room, this.#breaker);
  }

  // --- one auction ---

  async auction(request: Request, form: Form, trace?: RequestTrace): Promise<Response> {
    const receivedAt = this.#on.clock.now();
    const readAt = fineTime(this.#on.clock);
    const full = this.#full();
    if (full) return full;
    const publisherId = this.#guard.publisherOf(request);
    if (typeof publisherId !== 'string') return publisherId;
    const body = await readJsonBody(request);
    // That may take seconds: others have come in, or nobody reads outcomes any more.
    const fullByNow = this.#full();
    if (fullByNow) return fullByNow;
    if (!body.ok) return this.#invalid(invalid(body.status, [body.finding]));
    const parsed = form.parse(body.value, () => `bid-${this.#ids.trace().slice(0, 16)}`);
    if (!parsed.ok) return this.#invalid(invalid(400, parsed.findings));
    letIn(parsed.request, form, body.text);
    const entrant: Entrant = {
      form,
      publisherId,
      request: parsed.request,
      async: /\brespond-async\b/i.test(request.headers.get('prefer') ?? ''),
      receivedAt,
      readAt,
      traceparent: trace?.traceparent ??
        acceptTraceparent(request.headers.get('traceparent'), () => this.#ids.trace()),
      span: trace?.span,
    };
    // Not awaited: this function, with the request and its text, would be kept until the answer.
    const answer = this.#desk.serve(entrant, request.headers.get('idempotency-key'), body.text);
    return withWarnings(answer, parsed.warnings);
  }

  /** 503 while nobody more is let in. */
  #full(): Response | undefined {
    if (!this.#ending && this.#room.size + this.#desk.atStore < this.#on.waitingMax) return;
    this.#count.shed.inc();
    return tooBusy(this.#ending ? 'The exchange is closing' : 'Too many requests are waiting');
  }

  #invalid(response: Response): Response {
    this.#count.invalid.inc();
    return response;
  }

  // --- other routes ---

  async guard(c: Context, next: () => Promise<void>): Promise<Response | void> {
    return this.#guard.refuseAllButAdmins(c.req.raw) ?? await next();
  }

  /** The one WebSocket there is. A page cannot read a refusal, but whoever looks for it can. */
  upgrade(request: Request): ReturnType<Upgrade> {
    const refusal = this.#guard.refuseAllButAdmins(request);
    if (refusal) return refusal;
    const { pathname } = new URL(request.url);
    const { live } = this.#on.routes;
    if (pathname !== '/live' || !live) return problem(404, `There is no WebSocket at ${pathname}`);
    return live(request);
  }

  sampleTraffic(c: Context): Response | Promise<Response> {
    const { sampleTraffic } = this.#on;
    if (sampleTraffic && this.#guard.takesKeyless) return sampleTraffic.fetch(c.req.raw);
    return problem(403, 'Sample traffic is for loopback only, and counts for a demo publisher');
  }

  auctionById(c: Context): Response | Promise<Response> {
    const access = this.#guard.identify(c.req.raw);
    if (!access.ok) return this.#guard.refuse(access.status, access.error);
    const id = c.req.param('id')!;
    return access.caller.role === 'publisher'
      ? this.#byId.forPublisher(id, access.caller.publisherId)
      : this.#byId.forAdmin(id, () => this.route(c, 'analytics'));
  }

  route(c: Context, stage: 'analytics' | 'web'): Response | Promise<Response> {
    return this.#on.routes[stage]?.(c.req.raw) ??
      problem(404, `There is nothing here: no ${stage} stage is hosted`);
  }

  // --- life ---

  async start(): Promise<void> {
    const { bus, slice, echo = false } = this.#on;
    this.#reader = await bus.read({ as: 'slice', partitions: slice, from: 'end', echo }, {
      auction_outcomes: (batch) => {
        for (const { partition, value } of batch) {
          const came = this.#room.settle(value);
          if (came === 'delivered') this.#breaker.answered(partition);
          if (came === 'undelivered' && value.imps.some(({ winner }) => winner)) {
            this.#undelivered.tell(value, partition);
          }
        }
      },
    });
  }

  /** Answers who has waited long enough; tells whether others still wait. */
  #sweep(): boolean {
    const now = this.#on.clock.now();
    for (const { partition, enteredAt, deadline } of this.#room.sweep(now)) {
      this.#breaker.missed(partition, deadline - enteredAt, now);
    }
    return this.#room.size > 0;
  }

  async ready(): Promise<void> {
    if (this.#ending) throw new Error('The gateway is closing');
    const { bus, catalog } = this.#on;
    if (biddingGroups(catalog.current).length === 0) throw new Error('No bidder is configured');
    // Without the store only keys cannot be told and answers not kept: auctions go on.
    await bus.check();
  }

  /** Takes no more requests and waits until everyone inside has an answer, or comes too late for one. */
  async close(): Promise<void> {
    this.#ending = true;
    this.#on.sampleTraffic?.close();
    const moment = () => new Promise((resolve) => setTimeout(resolve, SWEEP_INTERVAL_MS));
    while (this.#room.size > 0 || this.#desk.atStore > 0) await moment();
    const giveUpAt = performance.now() + LATE_CLOSE_MS;
    const mayCome = (): boolean => this.#room.isLooking(this.#on.clock.now() - LATE_CLOSE_MS);
    while (mayCome() && performance.now() < giveUpAt) await moment();
    this.#sweeper.stop();
    await this.#reader?.close();
    this.#undelivered.end();
  }
}
