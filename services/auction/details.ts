/** What explains a closed auction, beside its outcome. */
import { detailRow } from '#shared/model/detail-row.ts';
import type { AuctionDetails, AuctionRules, BidResponseMessage } from '#shared/model/events.ts';
import type { Explanation, GroupAnswer } from '#shared/model/explanation.ts';
import type { ClosedAuction } from './open-auctions.ts';
import type { AuctionResult } from './run-auction.ts';

/** What is known of an auction when its outcome goes to the ledger. */
export interface Decided {
  auction: ClosedAuction;
  result: AuctionResult;
  rules: AuctionRules;
  salt: Explanation['salt'];
  /** Epoch ms. */
  now: number;
  /** The same with fractions. */
  closedAt: number;
}

/**
 * @param storedMs from the close until the ledger had the outcome, where that is known
 * @throws {TypeError} when its id is none.
 */
export function makeDetails(decided: Decided, storedMs?: number): AuctionDetails {
  const { auction: { message, span }, result, now } = decided;
  const { auctionId, deadline, publisherId } = message;
  const traceparent = span?.traceparent ?? message.traceparent;
  const userId = message.request.user?.id ?? '';
  const of = { auctionId, traceparent, publisherId, userId };
  return {
    v: 1,
    auctionId,
    traceparent,
    issuedAt: now,
    deadline,
    offers: result.fates,
    row: detailRow(of, explain(decided, storedMs)),
  };
}

function explain(decided: Decided, storedMs?: number): Explanation {
  const { auction: { message, answers, openedAt }, result, rules, salt, closedAt } = decided;
  const profile = answers.find((answer) => answer.profile)?.profile;
  const readAt = message.arrival?.at ?? message.receivedAt;
  const published = message.arrival?.preparedMs ?? message.issuedAt - message.receivedAt;
  return {
    request: message.request,
    groups: answers.map((answer) => groupOf(answer, readAt)),
    missing: message.groups.filter((group) => !answers.some((answer) => answer.group === group)),
    profile,
    fates: result.fates,
    rules,
    salt,
    times: {
      published: toMicros(published),
      opened: toMicros(openedAt - readAt),
      closed: toMicros(closedAt - readAt),
      deadline: message.deadline - message.receivedAt,
      stored: storedMs === undefined ? undefined : toMicros(closedAt - readAt + storedMs),
    },
  };
}

function groupOf(answer: BidResponseMessage, readAt: number): GroupAnswer {
  const { group, enriched, unenrichedReason, arrivedAt, tookMs, lookupMs, seats } = answer;
  const startMs = arrivedAt === undefined ? undefined : toMicros(arrivedAt - readAt);
  return { group, enriched, unenrichedReason, startMs, tookMs, lookupMs, seats };
}

/** Clocks of two machines may say that it came before it was sent. */
function toMicros(ms: number): number {
  return Math.max(0, Math.round(ms * 1_000) / 1_000);
}
