/**
 * Has V8 say how it keeps each text of an auction's messages. Argument `joined`: of texts that are not
 * in one piece instead, for comparison.
 */
import process from 'node:process';
import { demoCatalog } from '#shared/demo/catalog.ts';
import { makeAuctionId } from '#shared/model/auction-id.ts';
import { auctionTimeText } from '#shared/model/auction-time.ts';
import { acceptTraceparent, traceIdOf } from '#shared/trace.ts';
import { runAuction } from '../services/auction/run-auction.ts';
import { bidForSeat } from '../services/bidding/bid-for-seat.ts';
import { indexCampaigns } from '../services/bidding/campaign-index.ts';
import { surroundingsOf } from '../services/bidding/targeting.ts';
import { NOW_MS, request, sampleCatalog } from '../services/bidding/test-samples.ts';

const print = new Function('text', '%DebugPrint(text)') as (text: string) => void;

function printAll(value: unknown): void {
  if (typeof value === 'string') print(value);
  else if (typeof value === 'object' && value !== null) Object.values(value).forEach(printAll);
}

function messages(): unknown {
  const auctionId = makeAuctionId(NOW_MS, 3, new Uint8Array(12));
  const traceparent = acceptTraceparent(null, () => 'ab'.repeat(24));
  const changes = demoCatalog(NOW_MS);
  const { groups, match } = indexCampaigns(sampleCatalog(...changes));
  const asked = request();
  match.load(undefined, NOW_MS);
  const answers = [...groups].map(([group, seats]) => ({
    v: 1 as const,
    auctionId,
    traceparent,
    issuedAt: NOW_MS,
    deadline: NOW_MS,
    group,
    enriched: false,
    tookMs: 1,
    seats: seats.map((seat) => bidForSeat(auctionId, asked, surroundingsOf(asked), match, seat)),
  }));
  const rules = { incrementMicros: 10_000, defaultFloorMicros: 0 };
  const result = runAuction({ auctionId, request: asked }, answers, rules, 'salt');
  const time = auctionTimeText(makeAuctionId(NOW_MS + 1, 3, new Uint8Array(12)));
  return { changes, answers, result, time, traceId: traceIdOf(traceparent) };
}

if (process.argv[2] === 'joined') {
  const text = 'x'.repeat(20 + Number(process.argv.length > 9));
  printAll([`${text}${process.pid}`, text.slice(1)]);
} else {
  printAll(messages());
}
