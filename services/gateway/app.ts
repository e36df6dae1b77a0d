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
import type { AuctionOutcome, BidRequestMessage } from '#shared/model/events.ts';
import { type BidRequest, NBR } from '#shared/model/openrtb.ts';
import type { Clock, Route, Service } from '#shared/service.ts';
import type { Store } from '#shared/store/store.ts';
import { acceptTraceparent } from '#shared/trace.ts';
import { type Access, foreignRequest, identify, publisherOf } from './access.ts';
import { adminRoutes } from './admin.ts';
import { type AuctionIds, createAuctionIds } from './auction-ids.ts';
import { type Form, FORMS } from './forms.ts';
import { Idempotency, IDEMPOTENCY_KEY_LENGTH_MAX } from './idempotency.ts';
import { readJsonBody } from './read-body.ts';
import { invalid, jsonAnswer, noBidAnswer, problem, tooBusy } from './responses.ts';
import { WaitingRoom } from './waiting-room.ts';

/** Grain of the deadline: the empty answer goes out at most this much after it. */
const SWEEP_INTERVAL_MS = 4;
/** How often the gateway's own positions are offered for storing. */
const COMMIT_INTERVAL_MS = 1_000;
/** A longer wait is cut to this: it would only hold memory. */
const TMAX_LONGEST_MS = 10_000;
/** With less time than this nobody could answer; the request ends with no-bid reason 15. */
const TMAX_SHORTEST_MS = 10;
/** Nobody stands at the door of an asynchronous request, so its outcome may come a little later. */
const ASYNC_GRACE_MS = 1_000;

export interface GatewayDependencies {
  bus: Bus;
  store: Store;
  catalog: CatalogView;
  clock: Clock;
  log: Log;
  metrics: Metrics;
  /** The partitions this gateway starts auctions in and reads outcomes of. */
  slice: readonly number[];
  index: number;
  loopback: boolean;
  adminKey: string | undefined;
  tmaxDefaultMs: number;
  waitingMax: number;
  routes: { analytics?: Route; web?: Route };
}

export function createGateway(dependencies: GatewayDependencies): Service {
  const gateway = new Gateway(dependencies);
  const app = new Hono();
  app.post('/openrtb2/auction', (c) => gateway.auction(c, FORMS.openrtb));
  app.post('/bid', (c) => gateway.auction(c, FORMS.simple));
  for (const path of ['/openrtb2/auction', '/bid']) {
    app.all(path, () => problem(405, 'Only POST is allowed here', { allow: 'POST' }));
  }
  app.use((c, next) => gateway.guardAdmin(c, next));
  app.route('/admin', adminRoutes(dependencies));
  app.get('/api/auctions/:id', (c) => gateway.auctionById(c, c.req.param('id')));
  app.all('/api/*', (c) => gateway.route(c, 'analytics'));
  app.all('*', (c) => gateway.route(c, 'web'));
  app.onError((error) => {
    dependencies.log.error('request_failed', { error });
    return problem(500, 'The request failed for a reason that is not yours; it was logged');
  });
  return {
    name: 'gateway',
    fetch: (request) => app.fetch(request),
    start: () => gateway.start(),
    ready: () => gateway.ready(),
    close: () => gateway.close(),
  };
}

/** One request on its way through the gateway. */
interface Entrant {
  form: Form;
  publisherId: string;
  request: BidRequest;
  async: boolean;
  receivedAt: number;
  traceparent: string;
}

class Gateway {
  readonly #on: GatewayDependencies;
  readonly #room = new WaitingRoom();
  readonly #ids: AuctionIds;
  readonly #idempotency: Idempotency;
  readonly #count: ReturnType<typeof makeCounts>;
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #next = new Map<number, number>();
  #reader: Reader | undefined;
  #ending = false;

  constructor(dependencies: GatewayDependencies) {
    this.#on = dependencies;
    this.#ids = createAuctionIds(dependencies.slice);
    this.#idempotency = new Idempotency(dependencies.store);
    this.#count = makeCounts(dependencies.metrics);
    dependencies.metrics.gauge(
      'helios_waiting_requests',
      'Requests waiting for their auction',
      [],
      () => [
        { labels: {}, value: this.#room.size },
      ],
    );
  }

  // --- one auction ---

  async auction(c: Context, form: Form): Promise<Response> {
    const receivedAt = this.#on.clock.now();
    if (this.#ending || this.#room.size >= this.#on.waitingMax) {
      this.#count.shed.inc();
      return tooBusy(this.#ending ? 'The exchange is closing' : 'Too many requests are waiting');
    }
    const access = this.#identify(c);
    if (!access.ok) return this.#refuse(access.status, access.error);
    const publisherId = publisherOf(access.caller, this.#on.catalog.current);
    if (!publisherId) {
      return this.#refuse(403, 'The key belongs to no publisher, and there is no demo publisher');
    }

    const body = await readJsonBody(c.req.raw);
    if (!body.ok) return this.#invalid(invalid(body.status, [body.finding]));
    const parsed = form.parse(body.value, () => `bid-${this.#ids.trace().slice(0, 16)}`);
    if (!parsed.ok) return this.#invalid(invalid(400, parsed.findings));

    const entrant: Entrant = {
      form,
      publisherId,
      request: parsed.request,
      async: /\brespond-async\b/i.test(c.req.header('prefer') ?? ''),
      receivedAt,
      traceparent: acceptTraceparent(c.req.header('traceparent') ?? null, () => this.#ids.trace()),
    };
    const key = c.req.header('idempotency-key');
    if (key === undefined) return this.#run(entrant, this.#ids.next(receivedAt));
    return this.#runOnce(entrant, key, body.text);
  }

  /** Starts the auction and waits for its outcome. */
  async #run(
    entrant: Entrant,
    id: { auctionId: string; partition: number },
    keyed = false,
  ): Promise<Response> {
    const { request, receivedAt, form } = entrant;
    const tmax = Math.min(request.tmax || this.#on.tmaxDefaultMs, TMAX_LONGEST_MS);
    if (tmax < TMAX_SHORTEST_MS) {
      return this.#noBid(entrant, id.auctionId, NBR.insufficientAuctionTime);
    }
    const deadline = receivedAt + tmax;
    const message: BidRequestMessage = {
      v: 1,
      auctionId: id.auctionId,
      traceparent: entrant.traceparent,
      issuedAt: this.#on.clock.now(),
      deadline,
      publisherId: entrant.publisherId,
      source: form.source,
      request,
      groups: biddingGroups(this.#on.catalog.current),
      receivedAt,
    };
    const answer = this.#room.enter({
      ...id,
      deadline: entrant.async ? deadline + ASYNC_GRACE_MS : deadline,
      async: entrant.async,
    });
    this.#on.bus.publish('bid_requests', [{ partition: id.partition, value: message }])
      .catch((error) =>
        this.#on.log.error('request_not_published', { error, auction_id: id.auctionId })
      );
    if (keyed) void answer.then((outcome) => this.#idempotency.remember(id.auctionId, outcome));
    if (entrant.async) return this.#accepted(id.auctionId);
    return this.#answer(entrant, id.auctionId, await answer);
  }

  async #runOnce(entrant: Entrant, key: string, content: string): Promise<Response> {
    if (key.length === 0 || key.length > IDEMPOTENCY_KEY_LENGTH_MAX) {
      const allowed = `a text of 1 to ${IDEMPOTENCY_KEY_LENGTH_MAX} characters`;
      return this.#invalid(invalid(400, [{
        path: 'Idempotency-Key',
        value: key.slice(0, 40),
        allowed,
        section: 'house',
        severity: 'error',
      }]));
    }
    const id = this.#ids.next(entrant.receivedAt);
    const whole = `${entrant.form.source}\n${content}`;
    const claim = await this.#idempotency.claim(entrant.publisherId, key, whole, id.auctionId);
    if (claim.kind === 'first') return this.#run(entrant, id, true);
    if (claim.kind === 'conflict') {
      this.#count.conflict.inc();
      return problem(
        409,
        'This Idempotency-Key was used with other content less than a minute ago',
      );
    }
    this.#count.repeat.inc();
    if (entrant.async) return this.#accepted(claim.auctionId);
    const first = await this.#firstOutcome(claim.auctionId);
    if (first === 'unknown') {
      return tooBusy('The first answer to this Idempotency-Key is not ready yet');
    }
    return this.#answer(entrant, claim.auctionId, first);
  }

  /** The outcome of an auction a repetition asks for: still open here, just answered, or known to analytics. */
  async #firstOutcome(auctionId: string): Promise<AuctionOutcome | undefined | 'unknown'> {
    const open = this.#room.answerOf(auctionId);
    if (open) return await open;
    const recent = this.#idempotency.recall(auctionId);
    if (recent) return recent.outcome;
    const url = `http://gateway/api/auctions/${auctionId}`;
    const known = await this.#on.routes.analytics?.(new Request(url));
    if (known?.status !== 200) return 'unknown';
    return ((await known.json()) as { outcome: AuctionOutcome }).outcome;
  }

  #answer(entrant: Entrant, auctionId: string, outcome: AuctionOutcome | undefined): Response {
    const { form, receivedAt } = entrant;
    const body = outcome && form.answer(outcome);
    if (!body) {
      return this.#noBid(
        entrant,
        auctionId,
        outcome ? NBR.noEligibleBid : NBR.technicalError,
        !outcome,
      );
    }
    this.#count.filled.inc();
    this.#count.seconds.observe((this.#on.clock.now() - receivedAt) / 1000);
    return jsonAnswer(200, body, auctionId);
  }

  /** 204, or with `test: 1` the reason as an OpenRTB answer. */
  #noBid(entrant: Entrant, auctionId: string, nbr: number, expired = false): Response {
    (expired ? this.#count.expired : this.#count.noBid).inc();
    this.#count.seconds.observe((this.#on.clock.now() - entrant.receivedAt) / 1000);
    if (entrant.request.test === 1 && entrant.form.source === 'openrtb') {
      return jsonAnswer(200, { id: entrant.request.id, seatbid: [], nbr }, auctionId);
    }
    return noBidAnswer(auctionId, nbr);
  }

  #accepted(auctionId: string): Response {
    this.#count.accepted.inc();
    const location = `/api/auctions/${auctionId}`;
    return jsonAnswer(202, { auction_id: auctionId, status: 'pending', location }, auctionId, {
      location,
      'preference-applied': 'respond-async',
    });
  }

  #refuse(status: 401 | 403, error: string): Response {
    this.#count.refused.inc();
    return problem(
      status,
      error,
      status === 401 ? { 'www-authenticate': 'Basic realm="Helios"' } : {},
    );
  }

  #invalid(response: Response): Response {
    this.#count.invalid.inc();
    return response;
  }

  // --- other routes ---

  #identify(c: Context): Access {
    const headers = c.req.raw.headers;
    const foreign = foreignRequest(headers, this.#on.loopback);
    if (foreign) return { ok: false, status: 403, error: foreign };
    const { loopback, adminKey, catalog } = this.#on;
    return identify(headers, { loopback, adminKey, catalog: catalog.current });
  }

  /** Everything but auctions shows data of all publishers: admins only. */
  async guardAdmin(c: Context, next: () => Promise<void>): Promise<Response | void> {
    const access = this.#identify(c);
    if (!access.ok) return this.#refuse(access.status, access.error);
    if (access.caller.role !== 'admin') return this.#refuse(403, 'This needs an admin key');
    await next();
  }

  auctionById(c: Context, auctionId: string): Response | Promise<Response> {
    if (!this.#room.isPending(auctionId)) return this.route(c, 'analytics');
    return jsonAnswer(202, { auction_id: auctionId, status: 'pending' }, auctionId, {
      'retry-after': '1',
    });
  }

  route(c: Context, stage: 'analytics' | 'web'): Response | Promise<Response> {
    const target = this.#on.routes[stage];
    return target
      ? target(c.req.raw)
      : problem(404, `There is nothing here: no ${stage} stage is hosted`);
  }

  // --- life ---

  async start(): Promise<void> {
    const { bus, slice, index, clock } = this.#on;
    const options = {
      as: 'slice',
      group: `gateway-${index}`,
      partitions: slice,
      from: 'end',
    } as const;
    this.#reader = await bus.read('auction_outcomes', options, (batch) => {
      for (const { partition, offset, value } of batch) {
        this.#next.set(partition, offset + 1);
        const missed = this.#room.settle(value) === 'undelivered';
        if (missed && value.imps.some(({ winner }) => winner)) {
          this.#tellUndelivered(value, partition);
        }
      }
    });
    this.#timers.push(
      setInterval(() => this.#room.sweep(clock.now()), SWEEP_INTERVAL_MS),
      setInterval(() => {
        for (const [partition, next] of this.#next) this.#reader!.commit(partition, next);
      }, COMMIT_INTERVAL_MS),
    );
  }

  /** A win came after the publisher had to be answered empty: it must never be charged. */
  #tellUndelivered(outcome: AuctionOutcome, partition: number): void {
    const { auctionId, traceparent, deadline, publisherId } = outcome;
    const at = this.#on.clock.now();
    const base = { v: 1, auctionId, traceparent, issuedAt: at, deadline } as const;
    this.#count.undelivered.inc();
    this.#on.bus.publish('ad_events', [{
      partition,
      value: { ...base, kind: 'undelivered', publisherId, at },
    }])
      .catch((error) => this.#on.log.error('event_not_stored', { error, auction_id: auctionId }));
  }

  async ready(): Promise<void> {
    if (this.#ending) throw new Error('The gateway is closing');
    if (biddingGroups(this.#on.catalog.current).length === 0) {
      throw new Error('No bidder is configured');
    }
    await Promise.all([this.#on.bus.check(), this.#on.store.check()]);
  }

  /** Takes no more requests and waits until everyone inside has an answer. */
  async close(): Promise<void> {
    this.#ending = true;
    while (this.#room.size > 0) {
      await new Promise((resolve) => setTimeout(resolve, SWEEP_INTERVAL_MS));
    }
    for (const timer of this.#timers) clearInterval(timer);
    await this.#reader?.close();
  }
}

function makeCounts(metrics: Metrics) {
  const results = metrics.counter('helios_requests_total', 'Auction requests, by how they ended', [
    'result',
  ]);
  return {
    filled: results({ result: 'filled' }),
    noBid: results({ result: 'no_bid' }),
    expired: results({ result: 'deadline' }),
    accepted: results({ result: 'accepted' }),
    repeat: results({ result: 'repeat' }),
    conflict: results({ result: 'conflict' }),
    invalid: results({ result: 'invalid' }),
    refused: results({ result: 'refused' }),
    shed: results({ result: 'shed' }),
    undelivered: metrics.counter(
      'helios_undelivered_total',
      'Wins that came after the publisher was answered empty',
      [],
    )({}),
    seconds: metrics.latency(
      'helios_answer_seconds',
      'Time to the answer of an auction request',
      [],
    )({}),
  };
}
