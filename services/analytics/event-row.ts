import { auctionTimeText, timeText } from '#shared/model/auction-time.ts';
import type { AdEvent } from '#shared/model/events.ts';
import { jsonText } from '#shared/model/json-text.ts';
import type { AdEventRow } from '#shared/warehouse/tables.ts';

/**
 * The row of one ad event as JSON text, beginning with `{"auction_id":`.
 * @throws {TypeError} when the auction id is none.
 */
export function eventRow(event: AdEvent, partition: number, offset: number): string {
  return jsonText(
    {
      auction_id: event.auctionId,
      time: auctionTimeText(event.auctionId),
      event_time: timeText(event.at),
      kind: event.kind,
      publisher_id: event.publisherId,
      trace_id: event.traceparent.slice(3, 35),
      partition,
      offset,
    } satisfies AdEventRow,
  );
}
