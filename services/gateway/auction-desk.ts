/**
 * Runs the auction of an admitted request: publishes it, waits for its outcome until the deadline,
 * and answers. A repeated `Idempotency-Key` gets the first answer.
 */
import type { Bus } from '#shared/bus/bus.ts';
import type { CatalogView } from '#shared/catalog-view.ts';
import { type Log, seldom } from '#shared/log.ts';
import { biddingGroups } from '#shared/model/catalog.ts';
import { parseAuctionId } from '#shared/model/auction-id.ts';
import type { BidRequestMessage } from '#shared/model/events.ts';
import { error } from '#shared/model/finding.ts';
import { NBR } from '#shared/model/openrtb.ts';
import { problem } from '#shared/problem.ts';
import { type Clock, fineTime, type Route } from '#shared/service.ts';
import { auctionFields } from '#shared/trace.ts';
import type { AuctionIds } from './auction-ids.ts';
import { ASYNC_GRACE_MS, TMAX_LONGEST_MS, TMAX_SHORTEST_MS } from './deadlines.ts';
import { type Asker, askerOf, type Entrant } from './entrant.ts';
import { firstAnswer } from './first-answer.ts';
import type { GatewayCounts } from './gateway-counts.ts';
import { type Idempotency, IDEMPOTENCY_KEY_LENGTH_MAX } from './idempotency.ts';
import type { KeptAnswer, KeptAnswers } from './kept-answers.ts';
import {
  acceptedAnswer,
  emptyAnswer,
  type Ending,
  invalid,
  outcomeAnswer,
  tooBusy,
} from './responses.ts';
import type { WaitingRoom } from './waiting-room.ts';

export interface AuctionDeskDependencies {
  bus: Bus;
  catalog: CatalogView;
  clock: Clock;
  log: Log;
  room: WaitingRoom;
  /** Answers who waits at their deadlines, once woken. */
  sweeper: { wake(): void };
  ids: AuctionIds;
  idempotency: Idempotency;
  answers: KeptAnswers;
  count: GatewayCounts;
  tmaxDefaultMs: number;
  /** Analytics is asked for outcomes that are no longer here. */
  routes: { analytics?: Route };
}

/** An auction's id, and the partition it has in every topic. */
type AuctionPlace = ReturnType<AuctionIds['next']>;

const NO_PLACE = 'Where the answer would be kept cannot be reached just now';

export class AuctionDesk {
  readonly #on: AuctionDeskDependencies;
  readonly #logUnpublished: Log['error'];
  /** Requests that wait for the store, and are not in the waiting room. */
  atStore = 0;

  constructor(dependencies: AuctionDeskDependencies) {
    this.#on = dependencies;
    this.#logUnpublished = seldom(dependencies.log.error, dependencies.clock);
  }

  /** @param content the body as it came: what an `Idempotency-Key` stands for. */
  serve(entrant: Entrant, key: string | null, content: string): Promise<Response> {
    // Nothing becomes of such a request, so neither an id nor its key is spent on it.
    if (this.#tmaxOf(entrant) < TMAX_SHORTEST_MS) {
      const asker = askerOf(entrant);
      const empty = emptyAnswer(asker, undefined, NBR.insufficientAuctionTime);
      return Promise.resolve(this.#counted(asker, 'noBid', empty));
    }
    if (key !== null && (key.length === 0 || key.length > IDEMPOTENCY_KEY_LENGTH_MAX)) {
      const allowed = `a text of 1 to ${IDEMPOTENCY_KEY_LENGTH_MAX} characters`;
      this.#on.count.invalid.inc();
      const finding = error('Idempotency-Key', key.slice(0, 40), allowed, 'house');
      return Promise.resolve(invalid(400, [finding]));
    }
    const id = this.#on.ids.next(entrant.receivedAt);
    if (!entrant.async && key === null) return this.#run(entrant, id);
    return this.#throughStore(entrant, id, key, content);
  }

  /** Starts the auction and waits for its outcome. @param kept its answer can be had again. */
  #run(entrant: Entrant, id: AuctionPlace, kept = false): Promise<Response> {
    const { request, receivedAt, readAt, form, span } = entrant;
    const asker = askerOf(entrant);
    const deadline = receivedAt + this.#tmaxOf(entrant);
    span?.set({ 'helios.publisher.id': entrant.publisherId });
    const sending = span?.send('bid_requests', id);
    const traceparent = sending?.traceparent ?? entrant.traceparent;
    const { auctionId, partition } = id;
    const message: BidRequestMessage = {
      v: 1,
      auctionId,
      traceparent,
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
      auctionId,
      partition,
      enteredAt: message.issuedAt,
      deadline: entrant.async ? deadline + ASYNC_GRACE_MS : deadline,
      async: entrant.async,
    });
    this.#on.sweeper.wake();
    const publishing = this.#on.bus
      .publish('bid_requests', [{ partition, value: message }], entrant.async);
    const published = publishing
      .then(() => true, (error) => {
        this.#on.count.unpublished.inc();
        const fields = { error, ...auctionFields({ auctionId, traceparent }) };
        this.#logUnpublished('request_not_published', fields);
        return false;
      });
    sending?.until(publishing);
    if (kept) {
      answer.then((outcome) => this.#on.answers.remember(auctionId, outcome))
        .catch((error) => this.#on.log.warn('answer_not_remembered', { error }));
    }
    if (!entrant.async) {
      return answer.then((outcome) => this.#answer(asker, auctionId, { outcome }));
    }
    // A promise is given when the bus has the request, so that this process may end.
    const known = answer.then((outcome) => outcome !== undefined);
    return Promise.race([published, known]).then((taken) =>
      taken ? this.#accepted(auctionId) : this.#unpublished(auctionId)
    );
  }

  #tmaxOf({ request: { tmax } }: Entrant): number {
    return Math.min(tmax || this.#on.tmaxDefaultMs, TMAX_LONGEST_MS);
  }

  async #throughStore(
    entrant: Entrant,
    id: AuctionPlace,
    key: string | null,
    content: string,
  ): Promise<Response> {
    // Nothing is begun before there is a place for its answer: 202 says that it can be fetched.
    if (entrant.async && !await this.#promise(entrant, id.auctionId)) return tooBusy(NO_PLACE);
    // Not awaited, here and below: this function, with the request, would be kept until the answer.
    if (key === null) return this.#run(entrant, id, true);
    return this.#runOnce(entrant, id, key, content);
  }

  async #runOnce(
    entrant: Entrant,
    id: AuctionPlace,
    key: string,
    content: string,
  ): Promise<Response> {
    const whole = `${entrant.form.source}\n${content}`;
    const claiming = this.#on.idempotency.claim(entrant.publisherId, key, whole, id.auctionId);
    const claim = await this.#fromStore(claiming).catch((error) => {
      this.#on.log.warn('key_not_claimed', { error });
      return undefined;
    });
    if (!claim) return tooBusy('Whether this Idempotency-Key was used cannot be told just now');
    if (claim.kind === 'conflict') {
      this.#on.count.conflict.inc();
      return problem(
        409,
        'This Idempotency-Key was used with other content less than a minute ago',
      );
    }
    const { kind, auctionId } = claim;
    const { partition } = parseAuctionId(auctionId)!;
    const hasPlace = !entrant.async || auctionId === id.auctionId;
    if (!hasPlace && !await this.#promise(entrant, auctionId)) return tooBusy(NO_PLACE);
    if (kind === 'first') {
      const answer = this.#run(entrant, { auctionId, partition }, true);
      if (!entrant.async || (await answer).status !== 503) return answer;
      // Nothing was begun that a repetition could be told of.
      await this.#release(entrant, key, whole, auctionId);
      return answer;
    }
    this.#on.count.repeat.inc();
    if (entrant.async) return this.#accepted(auctionId);
    const first = await this.#fromStore(firstAnswer(this.#on, auctionId, this.#tmaxOf(entrant)));
    if (!first) return tooBusy('The first answer to this Idempotency-Key is not ready yet');
    return this.#answer(askerOf(entrant), auctionId, first);
  }

  /** It may have been, though the bus says otherwise: nobody is charged for what comes of it. */
  #unpublished(auctionId: string): Response {
    this.#on.room.giveUp(auctionId, this.#on.clock.now());
    return tooBusy('The request could not be handed on just now');
  }

  async #release(entrant: Entrant, key: string, whole: string, auctionId: string): Promise<void> {
    const { idempotency, log } = this.#on;
    const releasing = idempotency.release(entrant.publisherId, key, whole, auctionId);
    await this.#fromStore(releasing).catch((error) => {
      log.warn('key_not_released', { error, auction_id: auctionId });
    });
  }

  #fromStore<T>(asking: Promise<T>): Promise<T> {
    this.atStore++;
    return asking.finally(() => this.atStore--);
  }

  /** Resolves to whether the answer can be fetched later. */
  #promise(entrant: Entrant, auctionId: string): Promise<boolean> {
    const { requestId, isTest } = askerOf(entrant);
    // That of the first request where this one repeats it.
    const { timeMs } = parseAuctionId(auctionId)!;
    const promise = {
      publisherId: entrant.publisherId,
      source: entrant.form.source,
      requestId,
      isTest,
      closesAt: timeMs + this.#tmaxOf(entrant) + ASYNC_GRACE_MS,
    };
    const promising = this.#on.answers.promise(auctionId, promise, this.#on.clock.now());
    return this.#fromStore(promising).then(
      () => true,
      (error) => {
        this.#on.log.warn('answer_not_promised', { error, auction_id: auctionId });
        return false;
      },
    );
  }

  #answer(asker: Asker, auctionId: string, { outcome }: KeptAnswer): Response {
    const { ending, response } = outcomeAnswer(asker, auctionId, outcome);
    return this.#counted(asker, ending, response);
  }

  #counted({ receivedAt }: Asker, ending: Ending, response: Response): Response {
    this.#on.count[ending].inc();
    this.#on.count.seconds.observe((this.#on.clock.now() - receivedAt) / 1000);
    return response;
  }

  #accepted(auctionId: string): Response {
    this.#on.count.accepted.inc();
    return acceptedAnswer(auctionId);
  }
}
