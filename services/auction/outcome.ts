/** What a closed auction leaves behind: its core and its details. */
import { auctionIdShare } from '#shared/model/auction-id.ts';
import type {
  AuctionDetails,
  AuctionOutcome,
  AuctionRules,
  BidResponseMessage,
} from '#shared/model/events.ts';
import { CURRENCY } from '#shared/model/money.ts';
import type { ClosedAuction } from './open-auctions.ts';
import type { AuctionResult } from './run-auction.ts';

export function makeOutcome(
  { message, answers, closedBy }: ClosedAuction,
  result: AuctionResult,
  now: number,
): AuctionOutcome {
  const { request } = message;
  return {
    v: 1,
    auctionId: message.auctionId,
    traceparent: message.traceparent,
    issuedAt: now,
    deadline: message.deadline,
    publisherId: message.publisherId,
    requestId: request.id,
    source: message.source,
    siteDomain: request.site?.domain ?? request.app?.bundle ?? request.dooh?.domain ?? '',
    userId: request.user?.id ?? '',
    country: request.device?.geo?.country ?? '',
    deviceType: request.device?.devicetype ?? 0,
    test: request.test === 1,
    at: request.at === 1 ? 1 : 2,
    currency: CURRENCY,
    enriched: answers.some(({ enriched }) => enriched),
    closedBy,
    groupsExpected: message.groups.length,
    groupsAnswered: answers.length,
    receivedAt: message.receivedAt,
    tookMs: now - message.receivedAt,
    imps: result.imps,
  };
}

/** By what an auction was decided, and when. */
export interface Closing {
  rules: AuctionRules;
  salt: AuctionDetails['salt'];
  /** Epoch ms. */
  now: number;
  /** The same with fractions. */
  closedAt: number;
}

export function makeDetails(
  { message, answers, openedAt, span }: ClosedAuction,
  result: AuctionResult,
  { rules, salt, now, closedAt }: Closing,
): AuctionDetails {
  const profile = answers.find((answer) => answer.profile)?.profile;
  const readAt = message.arrival?.at ?? message.receivedAt;
  const published = message.arrival?.preparedMs ?? message.issuedAt - message.receivedAt;
  return {
    v: 1,
    auctionId: message.auctionId,
    traceparent: span?.traceparent ?? message.traceparent,
    issuedAt: now,
    deadline: message.deadline,
    publisherId: message.publisherId,
    userId: message.request.user?.id ?? '',
    request: message.request,
    groups: answers.map((answer) => groupOf(answer, readAt)),
    missing: message.groups.filter((group) => !answers.some((answer) => answer.group === group)),
    ...(profile && { profile }),
    fates: result.fates,
    rules,
    salt,
    times: {
      published: toMicros(published),
      opened: toMicros(openedAt - readAt),
      closed: toMicros(closedAt - readAt),
      deadline: message.deadline - message.receivedAt,
    },
  };
}

function groupOf(answer: BidResponseMessage, readAt: number): AuctionDetails['groups'][number] {
  const { group, enriched, unenrichedReason, arrivedAt, tookMs, lookupMs, seats } = answer;
  return {
    group,
    enriched,
    ...(unenrichedReason && { unenrichedReason }),
    ...(arrivedAt !== undefined && { startMs: toMicros(arrivedAt - readAt) }),
    tookMs,
    ...(lookupMs !== undefined && { lookupMs }),
    seats,
  };
}

/** Clocks of two machines may say that it came before it was sent. */
function toMicros(ms: number): number {
  return Math.max(0, Math.round(ms * 1_000) / 1_000);
}

/** Whether an auction's details are kept: decided by the random end of its id, alike wherever it is asked. */
export function isSampled(auctionId: string, share: number): boolean {
  return share >= 1 || auctionIdShare(auctionId) < share;
}
