/**
 * What closed auctions say about bidders and money. Counted as auctions close: one that is closed
 * again after a crash counts again, so for accounts ask the ledger.
 */
import type { Count, Metrics } from '#shared/metrics.ts';
import { CURRENCY, impressionMicros } from '#shared/model/money.ts';
import type { ClosedAuction } from './open-auctions.ts';
import type { AuctionResult } from './run-auction.ts';

export interface AuctionTally {
  closed(auction: ClosedAuction, result: Pick<AuctionResult, 'imps'>): void;
  /** A group answered when its time was up. */
  late(group: string): void;
}

/** Groups that answered unasked; their names are a stranger's, and are no labels. */
const UNKNOWN = 'unknown';

export function createAuctionTally(metrics: Metrics): AuctionTally {
  const answers = metrics.counter(
    'helios_group_answers_total',
    'Auctions a bidding group was asked for, by whether it answered before they closed',
    ['group', 'answer'],
  );
  const late = metrics.counter('helios_late_answers_total', 'Groups that answered too late', [
    'group',
  ]);
  const wins = metrics.counter('helios_wins_total', 'Imps won', ['seat']);
  const cleared = metrics.counter(
    'helios_cleared_micros_total',
    'What wins cost, one impression each, in micros of the currency',
    ['seat', 'currency'],
  );
  // Bound before the first: an increase is seen only by who has seen what was before. Seats are bound later.
  const sold = metrics.counter(
    'helios_sold_micros_total',
    'What all wins cost, to compare with what the warehouse was given',
    [],
  )({});
  const groups = new Map<string, { inTime: Count; missing: Count; late: Count }>();
  const seats = new Map<string, { wins: Count; micros: Count }>();

  function groupOf(group: string): { inTime: Count; missing: Count; late: Count } {
    let counts = groups.get(group);
    if (counts === undefined) {
      counts = {
        inTime: answers({ group, answer: 'in_time' }),
        missing: answers({ group, answer: 'missing' }),
        late: late({ group }),
      };
      groups.set(group, counts);
    }
    return counts;
  }

  function seatOf(seat: string): { wins: Count; micros: Count } {
    let counts = seats.get(seat);
    if (counts === undefined) {
      counts = { wins: wins({ seat }), micros: cleared({ seat, currency: CURRENCY }) };
      seats.set(seat, counts);
    }
    return counts;
  }

  return {
    closed({ message, answers: given }, { imps }) {
      for (const group of message.groups) {
        const counts = groupOf(group);
        if (given.some((answer) => answer.group === group)) counts.inTime.inc();
        else counts.missing.inc();
      }
      // A test is no business.
      if (message.request.test === 1) return;
      for (const { winner } of imps) {
        if (!winner) continue;
        const counts = seatOf(winner.seat);
        const micros = impressionMicros(winner.priceMicros);
        counts.wins.inc();
        counts.micros.inc(micros);
        sold.inc(micros);
      }
    },
    late: (group) => (groups.get(group) ?? groupOf(UNKNOWN)).late.inc(),
  };
}
