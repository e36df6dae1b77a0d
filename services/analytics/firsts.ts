/** Of which rows of its auction an imp's is the first: what auctions are counted by, without their ids. */
import type { ImpOutcome } from '#shared/model/events.ts';
import { FIRST_BITS } from '#shared/warehouse/outcome-projections.ts';

const KNOWN = 1 << FIRST_BITS.known;
const ALL = KNOWN | 1 << FIRST_BITS.any | 1 << FIRST_BITS.win_status | 1 << FIRST_BITS.seat |
  1 << FIRST_BITS.campaign_id | 1 << FIRST_BITS.seat_and_campaign;

/** The bits of `firsts` for `imps[at]`. Auctions have few imps: most have one, and all bits. */
export function firstsOf(imps: readonly ImpOutcome[], at: number): number {
  let bits = ALL;
  const { winner } = imps[at]!;
  for (let before = 0; before < at; before++) {
    bits &= ~(1 << FIRST_BITS.any);
    const other = imps[before]!.winner;
    if (!winner === !other) bits &= ~(1 << FIRST_BITS.win_status);
    const sameSeat = winner?.seat === other?.seat;
    const sameCampaign = winner?.cid === other?.cid;
    if (sameSeat) bits &= ~(1 << FIRST_BITS.seat);
    if (sameCampaign) bits &= ~(1 << FIRST_BITS.campaign_id);
    if (sameSeat && sameCampaign) bits &= ~(1 << FIRST_BITS.seat_and_campaign);
  }
  return bits;
}
