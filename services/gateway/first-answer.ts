/** The first answer to an `Idempotency-Key`, for whoever repeats the request. */
import type { Log } from '#shared/log.ts';
import { parseAuctionId } from '#shared/model/auction-id.ts';
import { within } from '#shared/model/within.ts';
import type { Clock, Route } from '#shared/service.ts';
import { SETTLED_MS } from './deadlines.ts';
import type { KeptAnswer, KeptAnswers } from './kept-answers.ts';
import { recordedAnswer } from './recorded-answer.ts';
import type { WaitingRoom } from './waiting-room.ts';

/** How often another gateway's answer is looked for. */
const RECALL_INTERVAL_MS = 10;

export interface FirstAnswerPlaces {
  room: Pick<WaitingRoom, 'answerOf' | 'isUnattended'>;
  answers: KeptAnswers;
  clock: Clock;
  log: Pick<Log, 'debug'>;
  routes: { analytics?: Route };
}

/**
 * Of an auction that is still open, here or at another gateway, just answered, or known to analytics;
 * undefined where it is not to be had yet.
 * @param timeoutMs of the first request, too: its content is the same
 */
export async function firstAnswer(
  { room, answers, clock, log, routes }: FirstAnswerPlaces,
  auctionId: string,
  timeoutMs: number,
): Promise<KeptAnswer | undefined> {
  const open = room.answerOf(auctionId)?.then((outcome) => ({ outcome }));
  if (open) return await (room.isUnattended(auctionId) ? within(open, timeoutMs) : open);
  const closesAt = (parseAuctionId(auctionId)?.timeMs ?? 0) + timeoutMs;
  for (;;) {
    const recent = await answers.recall(auctionId).catch(() => undefined);
    if (recent) return recent;
    const lateMs = clock.now() - closesAt;
    if (lateMs > SETTLED_MS) break;
    // Outcomes that came too late are known to analytics, too: what was answered decides.
    if (lateMs > 0) return undefined;
    await new Promise((resolve) => setTimeout(resolve, RECALL_INTERVAL_MS));
  }
  return await recordedAnswer(routes.analytics, auctionId, timeoutMs).catch((error) => {
    log.debug('first_outcome_unknown', { error, auction_id: auctionId });
    return undefined;
  });
}
