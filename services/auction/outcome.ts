/** The core of what a closed auction leaves behind. */
import type { AuctionOutcome } from '#shared/model/events.ts';
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
