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

export function makeDetails(
  { message, answers, openedAt, span }: ClosedAuction,
  result: AuctionResult,
  rules: AuctionRules,
  salt: AuctionDetails['salt'],
  now: number,
): AuctionDetails {
  const profile = answers.find((answer) => answer.profile)?.profile;
  const { receivedAt } = message;
  const published = message.issuedAt - receivedAt;
  return {
    v: 1,
    auctionId: message.auctionId,
    traceparent: span?.traceparent ?? message.traceparent,
    issuedAt: now,
    deadline: message.deadline,
    publisherId: message.publisherId,
    userId: message.request.user?.id ?? '',
    request: message.request,
    groups: answers.map((answer) => groupOf(answer, receivedAt, published)),
    missing: message.groups.filter((group) => !answers.some((answer) => answer.group === group)),
    ...(profile && { profile }),
    fates: result.fates,
    rules,
    salt,
    times: {
      published,
      opened: openedAt - receivedAt,
      closed: now - receivedAt,
      deadline: message.deadline - receivedAt,
    },
  };
}

function groupOf(
  answer: BidResponseMessage,
  receivedAt: number,
  published: number,
): AuctionDetails['groups'][number] {
  const { group, enriched, unenrichedReason, tookMs, lookupMs, seats, issuedAt } = answer;
  // Its clock says when it had answered, in whole ms; it cannot have begun before it was asked.
  const startMs = Math.max(published, Math.round((issuedAt - receivedAt - tookMs) * 1_000) / 1_000);
  return {
    group,
    enriched,
    ...(unenrichedReason && { unenrichedReason }),
    tookMs,
    startMs,
    ...(lookupMs !== undefined && { lookupMs }),
    seats,
  };
}

/** Whether an auction's details are kept: decided by the random end of its id, alike wherever it is asked. */
export function isSampled(auctionId: string, share: number): boolean {
  return share >= 1 || auctionIdShare(auctionId) < share;
}
