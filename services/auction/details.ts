/** What explains a closed auction, beside its outcome. */
import type { AuctionTimes } from '#shared/model/auction-times.ts';
import { detailRow, withTimes } from '#shared/model/detail-row.ts';
import type {
  AuctionDetails,
  AuctionRules,
  BidFate,
  BidRequestMessage,
  BidResponseMessage,
  Offer,
} from '#shared/model/events.ts';
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

/** An auction's details, whole but for the time at which the ledger had its outcome. */
export interface Explained {
  partition: number;
  details: AuctionDetails;
  times: AuctionTimes;
  /** Epoch ms with fractions. */
  closedAt: number;
}

/** @throws {TypeError} when the auction's id is none. */
export function explain(decided: Decided): Explained {
  const { auction: { message, span, partition }, result, now, closedAt } = decided;
  const { auctionId, deadline, publisherId } = message;
  const traceparent = span?.traceparent ?? message.traceparent;
  const userId = message.request.user?.id ?? '';
  const of = { auctionId, traceparent, publisherId, userId };
  const times = timesOf(decided);
  const details: AuctionDetails = {
    v: 1,
    auctionId,
    traceparent,
    issuedAt: now,
    deadline,
    offers: result.fates.map(offerOf),
    row: detailRow(of, explanationOf(decided, times)),
  };
  return { partition, details, times, closedAt };
}

/** @param storedAt epoch ms with fractions at which the ledger had the outcome */
export function withStored(
  { details, times, closedAt }: Explained,
  storedAt: number,
): AuctionDetails {
  const stored = toMicros(times.closed + storedAt - closedAt);
  return { ...details, row: withTimes(details.row, { ...times, stored }) };
}

function offerOf({ impid, seat, priceMicros, status }: BidFate): Offer {
  return { impid, seat, priceMicros, status };
}

function timesOf({ auction: { message, openedAt }, closedAt }: Decided): AuctionTimes {
  const readAt = readAtOf(message);
  return {
    published: toMicros(message.arrival?.preparedMs ?? message.issuedAt - message.receivedAt),
    opened: toMicros(openedAt - readAt),
    closed: toMicros(closedAt - readAt),
    deadline: message.deadline - message.receivedAt,
  };
}

function explanationOf(
  { auction: { message, answers }, result, rules, salt }: Decided,
  times: AuctionTimes,
): Explanation {
  const readAt = readAtOf(message);
  return {
    request: message.request,
    groups: answers.map((answer) => groupOf(answer, readAt)),
    missing: message.groups.filter((group) => !answers.some((answer) => answer.group === group)),
    profile: answers.find((answer) => answer.profile)?.profile,
    fates: result.fates,
    rules,
    salt,
    times,
  };
}

/** Epoch ms at which the gateway had read the request; with fractions where it told. */
function readAtOf({ arrival, receivedAt }: BidRequestMessage): number {
  return arrival?.at ?? receivedAt;
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
