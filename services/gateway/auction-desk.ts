/**
 * Runs the auction of an admitted request: publishes it, waits for its outcome until the deadline,
 * and answers. A repeated `Idempotency-Key` gets the first answer.
 */
import type { Bus } from '#shared/bus/bus.ts';
import type { CatalogView } from '#shared/catalog-view.ts';
import { type Log, seldom } from '#shared/log.ts';
import { biddingGroups } from '#shared/model/catalog.ts';
import { parseAuctionId } from '#shared/model/auction-id.ts';
import type { AuctionOutcome, BidRequestMessage } from '#shared/model/events.ts';
import { error } from '#shared/model/finding.ts';
import { type BidRequest, NBR } from '#shared/model/openrtb.ts';
import { problem } from '#shared/problem.ts';
import { type Clock, fineTime, type Route } from '#shared/service.ts';
import type { AuctionIds } from './auction-ids.ts';
import { type Asker, askerOf, type Entrant } from './entrant.ts';
import type { GatewayCounts } from './gateway-counts.ts';
import { type Idempotency, IDEMPOTENCY_KEY_LENGTH_MAX } from './idempotency.ts';
import { invalid, jsonAnswer, noBidAnswer, tooBusy } from './responses.ts';
import type { WaitingRoom } from './waiting-room.ts';

/** A longer wait is cut to this: it would only hold memory. */
const TMAX_LONGEST_MS = 10_000;
/** With less time than this nobody could answer; the request ends with no-bid reason 15. */
const TMAX_SHORTEST_MS = 10;
/** Nobody stands at the door of an asynchronous request, so its outcome may come a little later. */
const ASYNC_GRACE_MS = 1_000;
/** How often another gateway's answer is looked for. */
const RECALL_INTERVAL_MS = 10;
/**
 * ms after its deadline in which the gateway that holds an auction tells what it answered. Who asks
 * meanwhile is told to come again.
 */
const SETTLED_MS = 2_000;

/** Whether the auction may still be open, at whichever gateway. */
export function isYoung(auctionId: string, now: number): boolean {
  const { timeMs } = parseAuctionId(auctionId) ?? { timeMs: 0 };
  return now - timeMs < TMAX_LONGEST_MS + ASYNC_GRACE_MS;
}

export interface AuctionDeskDependencies {
  bus: Bus;
  catalog: CatalogView;
  clock: Clock;
  log: Log;
  room: WaitingRoom;
  ids: AuctionIds;
  idempotency: Idempotency;
  count: GatewayCounts;
  tmaxDefaultMs: number;
  /** Asked for outcomes that are no longer here. */
  analytics: Route | undefined;
}

export class AuctionDesk {
  readonly #on: AuctionDeskDependencies;
  readonly #logUnpublished: Log['error'];

  constructor(dependencies: AuctionDeskDependencies) {
    this.#on = dependencies;
    this.#logUnpublished = seldom(dependencies.log.error, dependencies.clock);
  }

  /** @param content the body as it came: what an `Idempotency-Key` stands for. */
  serve(entrant: Entrant, key: string | null, content: string): Promise<Response> {
    if (key !== null) return this.#runOnce(entrant, key, content);
    return this.#run(entrant, this.#on.ids.next(entrant.receivedAt));
  }

  /** Starts the auction and waits for its outcome. */
  #run(
    entrant: Entrant,
    id: { auctionId: string; partition: number },
    keyed = false,
  ): Promise<Response> {
    const { request, receivedAt, readAt, form, span } = entrant;
    const asker = askerOf(entrant);
    const tmax = this.#tmaxOf(request);
    if (tmax < TMAX_SHORTEST_MS) {
      return Promise.resolve(this.#noBid(asker, id.auctionId, NBR.insufficientAuctionTime));
    }
    const deadline = receivedAt + tmax;
    span?.set({ 'helios.publisher.id': entrant.publisherId });
    const sending = span?.send('bid_requests', id);
    const message: BidRequestMessage = {
      v: 1,
      auctionId: id.auctionId,
      traceparent: sending?.traceparent ?? entrant.traceparent,
      issuedAt: this.#on.clock.now(),
      deadline,
      publisherId: entrant.publisherId,
      source: form.source,
      request,
      groups: biddingGroups(this.#on.catalog.current),
      receivedAt,
      arrival: { at: readAt, preparedMs: fineTime(this.#on.clock) - readAt },
    };
    const answer = this.#on.room.enter({
      auctionId: id.auctionId,
      partition: id.partition,
      enteredAt: receivedAt,
      deadline: entrant.async ? deadline + ASYNC_GRACE_MS : deadline,
      async: entrant.async,
    });
    const publishing = this.#on.bus
      .publish('bid_requests', [{ partition: id.partition, value: message }]);
    const published = publishing
      .then(() => true, (error) => {
        this.#on.count.unpublished.inc();
        this.#logUnpublished('request_not_published', { error, auction_id: id.auctionId });
        return false;
      });
    sending?.until(publishing);
    if (keyed) {
      answer.then((outcome) => this.#on.idempotency.remember(id.auctionId, outcome))
        .catch((error) => this.#on.log.warn('answer_not_remembered', { error }));
    }
    if (!entrant.async) {
      return answer.then((outcome) => this.#answer(asker, id.auctionId, outcome));
    }
    // A promise is given when the bus has the request, so that this process may end.
    const known = answer.then((outcome) => outcome !== undefined);
    return Promise.race([published, known]).then((taken) =>
      taken ? this.#accepted(id.auctionId) : tooBusy('The request could not be handed on just now')
    );
  }

  #tmaxOf({ tmax }: BidRequest): number {
    return Math.min(tmax || this.#on.tmaxDefaultMs, TMAX_LONGEST_MS);
  }

  async #runOnce(entrant: Entrant, key: string, content: string): Promise<Response> {
    if (key.length === 0 || key.length > IDEMPOTENCY_KEY_LENGTH_MAX) {
      const allowed = `a text of 1 to ${IDEMPOTENCY_KEY_LENGTH_MAX} characters`;
      this.#on.count.invalid.inc();
      return invalid(400, [error('Idempotency-Key', key.slice(0, 40), allowed, 'house')]);
    }
    const id = this.#on.ids.next(entrant.receivedAt);
    const whole = `${entrant.form.source}\n${content}`;
    const claim = await this.#on.idempotency.claim(entrant.publisherId, key, whole, id.auctionId)
      .catch((error) => {
        this.#on.log.warn('key_not_claimed', { error });
        return undefined;
      });
    if (!claim) return tooBusy('Whether this Idempotency-Key was used cannot be told just now');
    if (claim.kind === 'first') return this.#run(entrant, id, true);
    if (claim.kind === 'conflict') {
      this.#on.count.conflict.inc();
      return problem(
        409,
        'This Idempotency-Key was used with other content less than a minute ago',
      );
    }
    this.#on.count.repeat.inc();
    if (entrant.async) return this.#accepted(claim.auctionId);
    const first = await this.#firstOutcome(claim.auctionId, this.#tmaxOf(entrant.request));
    if (first === 'unknown') {
      return tooBusy('The first answer to this Idempotency-Key is not ready yet');
    }
    return this.#answer(askerOf(entrant), claim.auctionId, first);
  }

  /**
   * The outcome of an auction a repetition asks for: still open, here or at another gateway, just
   * answered, or known to analytics.
   * @param timeoutMs of the first request, too: its content is the same
   */
  async #firstOutcome(
    auctionId: string,
    timeoutMs: number,
  ): Promise<AuctionOutcome | undefined | 'unknown'> {
    const open = this.#on.room.answerOf(auctionId);
    if (open) return await open;
    const closesAt = (parseAuctionId(auctionId)?.timeMs ?? 0) + timeoutMs;
    for (;;) {
      const recent = await this.#on.idempotency.recall(auctionId).catch(() => undefined);
      if (recent) return recent.outcome;
      const lateMs = this.#on.clock.now() - closesAt;
      if (lateMs > SETTLED_MS) break;
      // Outcomes that came too late are known to analytics, too: what was answered decides.
      if (lateMs > 0) return 'unknown';
      await new Promise((resolve) => setTimeout(resolve, RECALL_INTERVAL_MS));
    }
    const url = `http://gateway/api/auctions/${auctionId}`;
    try {
      // Analytics may be another process that hangs: a publisher waits for its tmax, not for that.
      const signal = AbortSignal.timeout(timeoutMs);
      const known = await this.#on.analytics?.(new Request(url, { signal }));
      if (known?.status !== 200) return 'unknown';
      return ((await known.json()) as { outcome: AuctionOutcome }).outcome;
    } catch (error) {
      this.#on.log.debug('first_outcome_unknown', { error, auction_id: auctionId });
      return 'unknown';
    }
  }

  #answer(asker: Asker, auctionId: string, outcome: AuctionOutcome | undefined): Response {
    const { form, receivedAt } = asker;
    const body = outcome && form.answer(outcome);
    if (!body) {
      return this.#noBid(
        asker,
        auctionId,
        outcome ? NBR.noEligibleBid : NBR.technicalError,
        !outcome,
      );
    }
    this.#on.count.filled.inc();
    this.#on.count.seconds.observe((this.#on.clock.now() - receivedAt) / 1000);
    return jsonAnswer(200, body, auctionId);
  }

  /** 204, or with `test: 1` the reason as an OpenRTB answer. */
  #noBid(asker: Asker, auctionId: string, nbr: number, expired = false): Response {
    (expired ? this.#on.count.expired : this.#on.count.noBid).inc();
    this.#on.count.seconds.observe((this.#on.clock.now() - asker.receivedAt) / 1000);
    if (asker.isTest && asker.form.source === 'openrtb') {
      return jsonAnswer(200, { id: asker.requestId, seatbid: [], nbr }, auctionId);
    }
    return noBidAnswer(auctionId, nbr);
  }

  #accepted(auctionId: string): Response {
    this.#on.count.accepted.inc();
    const location = `/api/auctions/${auctionId}`;
    return jsonAnswer(202, { auction_id: auctionId, status: 'pending', location }, auctionId, {
      location,
      'preference-applied': 'respond-async',
    });
  }
}
