/**
 * `GET /api/auctions/:id`, the place a 202 names: admins get everything known of an auction, a
 * publisher the answer to an asynchronous request of its own.
 */
import { parseAuctionId } from '#shared/model/auction-id.ts';
import type { Log } from '#shared/log.ts';
import { problem } from '#shared/problem.ts';
import type { Clock, Route } from '#shared/service.ts';
import { isYoung, SETTLED_MS } from './deadlines.ts';
import { FORMS } from './forms.ts';
import type { AnswerPromise, KeptAnswers } from './kept-answers.ts';
import { recordedAnswer } from './recorded-answer.ts';
import { outcomeAnswer, pendingAnswer, tooBusy } from './responses.ts';

/** ms for analytics to tell what nobody else knows: as long as whoever asks is told to wait. */
const RECORD_TIMEOUT_MS = 1_000;

export interface AuctionByIdDependencies {
  answers: KeptAnswers;
  /** Where auctions of this gateway are open. */
  room: { isPending(auctionId: string): boolean };
  routes: { analytics?: Route };
  clock: Clock;
  log: Pick<Log, 'warn'>;
}

export class AuctionById {
  readonly #on: AuctionByIdDependencies;

  constructor(dependencies: AuctionByIdDependencies) {
    this.#on = dependencies;
  }

  /**
   * What the publisher would have been answered had it waited; 202 while that is open, 404 for what
   * is not its own, was not asynchronous or is no longer kept, 503 where the store does not answer.
   */
  async forPublisher(auctionId: string, publisherId: string): Promise<Response> {
    try {
      const promise = await this.#promised(auctionId);
      // Whose it is instead is nobody's business: the same answer as for none.
      if (promise?.publisherId !== publisherId) return problem(404, NOT_KEPT);
      return await this.#promisedAnswer(auctionId, promise) ?? pendingAnswer(auctionId);
    } catch (error) {
      this.#on.log.warn('answer_not_read', { error, auction_id: auctionId });
      return tooBusy('Where answers are kept cannot be reached just now');
    }
  }

  /**
   * The record of analytics; of an asynchronous request with `answer`, what its publisher gets: the
   * body, null where that is empty.
   * @param record asks analytics, or says that there is none
   */
  async forAdmin(
    auctionId: string,
    record: () => Response | Promise<Response>,
  ): Promise<Response> {
    const { room, routes, clock } = this.#on;
    if (room.isPending(auctionId)) return pendingAnswer(auctionId);
    const known = await record();
    if (known.status === 200) return await this.#withAnswer(auctionId, known);
    // Another gateway's auction is open for as long as this, and then on its way.
    const mayCome = routes.analytics && isYoung(auctionId, clock.now());
    if (known.status !== 404 || !mayCome) return known;
    // Unread, it would hold its connection to the stage.
    await known.body?.cancel();
    return pendingAnswer(auctionId);
  }

  async #promised(auctionId: string): Promise<AnswerPromise | undefined> {
    return parseAuctionId(auctionId) && await this.#on.answers.promised(auctionId);
  }

  /** Undefined while it is not known. */
  async #promisedAnswer(auctionId: string, promise: AnswerPromise): Promise<Response | undefined> {
    const { answers, routes, clock } = this.#on;
    let kept = await answers.recall(auctionId);
    // Its gateway would have told by now: it is gone, and what was recorded counts.
    if (!kept && clock.now() > promise.closesAt + SETTLED_MS) {
      kept = await recordedAnswer(routes.analytics, auctionId, RECORD_TIMEOUT_MS).catch(() =>
        undefined
      );
    }
    if (!kept) return undefined;
    const asked = { ...promise, form: FORMS[promise.source] };
    return outcomeAnswer(asked, auctionId, kept.outcome).response;
  }

  async #withAnswer(auctionId: string, known: Response): Promise<Response> {
    const answer = await this.#promised(auctionId)
      .then((promise) => promise && this.#promisedAnswer(auctionId, promise))
      // The record does not depend on the store.
      .catch(() => undefined);
    if (!answer) return known;
    const body = answer.status === 200 ? await answer.json() : null;
    const headers = { 'cache-control': 'no-store' };
    return Response.json({ ...await known.json() as object, answer: body }, { headers });
  }
}

const NOT_KEPT =
  'No answer of yours is kept under this id: those of asynchronous requests are, for a minute';
