/** One auction in words: what it came to, how its price came about, how to hold it again. Pure. */
import { DETAILS_KEPT_DAYS, type DetailsAbsence } from '#shared/model/details-kept.ts';
import type { BidFate, NoBidReason } from '#shared/model/events.ts';
import { curlBid, needsKey } from '#shared/model/first-bid.ts';
import { microsToCpm } from '#shared/model/money.ts';
import type { AuctionAnswer, OutcomeAnswer } from './answers.ts';
import { count, cpm, milliseconds } from './format.ts';

/** One sentence per imp that was sold, one for those that were not; then what holds for all of them. */
export function verdict({ imps, events, outcome }: AuctionAnswer): string[] {
  const sold = imps.filter(({ win_status }) => win_status === 'won');
  const sentences = sold.map((imp) => {
    const name = imps.length > 1 ? `Impression ${imp.imp_id}: ` : '';
    const saving = imp.bid_price !== null && imp.price !== null && imp.price < imp.bid_price
      ? `, ${cpm(imp.bid_price - imp.price)} less than it had bid`
      : '';
    return `${name}${imp.seat} won against ${others(imp.bids - 1)} with ` +
      `${cpm(imp.bid_price)} CPM for its campaign ${imp.campaign} and pays ${
        cpm(imp.price)
      } CPM${saving}.`;
  });
  const unsold = imps.filter(({ win_status }) => win_status !== 'won');
  const { groupsAnswered = 1, groupsExpected = 1 } = outcome ?? {};
  const inTime = groupsAnswered < groupsExpected ? ' in time' : '';
  for (const imp of unsold) {
    const name = imps.length > 1 ? `Impression ${imp.imp_id}: nobody` : 'Nobody';
    sentences.push(
      inTime && groupsAnswered === 0
        ? `${name} answered in time.`
        : imp.bids === 0
        ? `${name} bid${inTime} at or above the floor of ${cpm(imp.floor)} CPM.`
        : `${name} won: none of ${count(imp.bids)} bids was eligible.`,
    );
  }
  const late = imps[0]?.closed_by === 'deadline';
  if (late) {
    sentences.push(`It closed at its deadline after ${milliseconds(imps[0]!.answer_ms)} ms.`);
  }
  if (imps[0]?.test) sentences.push('It is a test auction: nothing is billed.');
  else if (events.some(({ kind }) => kind === 'undelivered')) {
    sentences.push('It came too late for the answer to the publisher: nothing is billed.');
  }
  return sentences;
}

function others(bids: number): string {
  return bids === 0 ? 'no other bid' : bids === 1 ? 'one other bid' : `${count(bids)} other bids`;
}

const RANK = { won: 0, lost: 1, invalid: 2 };

/** Bids on an imp: the winner, then the dearest, then what was refused. */
export function fatesOf({ details }: AuctionAnswer, impId: string): BidFate[] {
  return (details?.fates ?? []).filter(({ impid }) => impid === impId).toSorted((a, b) =>
    RANK[a.status] - RANK[b.status] || b.priceMicros - a.priceMicros
  );
}

const NO_BID_WORDS: Record<NoBidReason, string> = {
  below_floor: 'Its price for this user is below the floor.',
  no_campaign: 'It has no campaign running.',
  no_creative: 'None of its creatives fits the size or format.',
  not_targeted: 'None of its campaigns is meant for this user or place.',
  seat_not_allowed: 'The request does not allow this seat.',
  currency: 'It does not buy in the currencies of the request.',
  error: 'It failed.',
};

/** Seats that did not bid on an imp, and why. */
export function noBidsOf({ details }: AuctionAnswer, impId: string) {
  return (details?.groups ?? []).flatMap(({ seats }) =>
    seats.flatMap(({ seat, noBids }) =>
      noBids.filter(({ impid }) => impid === impId)
        .map(({ reason }) => ({ seat, words: NO_BID_WORDS[reason] ?? reason }))
    )
  );
}

/** Why an auction is not explained: a title, and a sentence. */
export const ABSENCE_WORDS: Record<DetailsAbsence, { title: string; words: string }> = {
  awaited: {
    title: 'On their way',
    words: 'Its bids are stored within seconds of its close, and shown here by themselves.',
  },
  unavailable: {
    title: 'Not available just now',
    words: 'The warehouse, which keeps the bids and the profile, does not answer.',
  },
  not_sampled: {
    title: 'Not in the sample',
    words:
      'Bids and profile are kept of a share of all auctions (DETAIL_SAMPLE), and this is none of them.',
  },
  expired: {
    title: 'No longer kept',
    words: `Bids and profile hold personal data and are kept for ${DETAILS_KEPT_DAYS} days.`,
  },
  lost: {
    title: 'Lost on their way',
    words:
      'Bids and profile of this auction should be here and are not: a process ended before it had ' +
      'stored them, or the warehouse did not take them. The outcome is safe in the ledger.',
  },
};

export interface Clearing {
  formula: string;
  result: string;
  note: string;
}

/** Loss codes of bids that could have won: only they are a second price. */
const COMPETED: readonly number[] = [102, 103];

/** The price rule with this auction's figures in it: docs/auction.md. */
export function clearing(auction: AuctionAnswer, imp: OutcomeAnswer): Clearing | undefined {
  const { details, outcome } = auction;
  if (!details || imp.price === null || imp.bid_price === null) return undefined;
  const result = cpm(imp.price);
  const fates = fatesOf(auction, imp.imp_id);
  const deal = details.request.imp.find(({ id }) => id === imp.imp_id)?.pmp?.deals
    ?.find(({ id }) => id === fates[0]?.dealid);
  const at = deal?.at ?? outcome?.at ?? details.request.at ?? 2;
  if (at === 3) return { formula: `agreed price ${result}`, result, note: `deal ${deal?.id}` };
  if (at === 1) return { formula: `own bid ${cpm(imp.bid_price)}`, result, note: 'first price' };
  const second = fates.find(({ loss }) => COMPETED.includes(loss));
  if (!second) {
    const formula = `min(bid ${cpm(imp.bid_price)}, floor ${cpm(imp.floor)})`;
    return { formula, result, note: 'a sole bidder pays the floor' };
  }
  const step = cpm(microsToCpm(details.rules.incrementMicros));
  const formula = `min(bid ${cpm(imp.bid_price)}, max(floor ${cpm(imp.floor)}, ` +
    `second ${cpm(microsToCpm(second.priceMicros))} + ${step}))`;
  return { formula, result, note: 'second price, rounded down to 0.001' };
}

/** The same request once more, for a terminal; with a key to fill in where the door wants one. */
export function curlOf({ details }: AuctionAnswer, origin: string): string {
  const body = JSON.stringify(details?.request).replaceAll("'", `'\\''`);
  return `${curlBid(`${origin}/openrtb2/auction`, needsKey(origin))}  -d '${body}'`;
}
