/** Who wins among equal bids: a draw that nobody can foresee before the day and anybody can repeat after it. */
import { hash } from 'node:crypto';

/** What a draw needs to know of a bid. */
export interface Drawable {
  readonly seat: string;
  readonly bid: { readonly id: string };
  /** Set by {@link breakTie} where the bid took part in a draw. */
  draw: string | undefined;
}

/**
 * The number a bid draws: SHA-256, hex, over the UTF-8 bytes of the JSON array of its four texts.
 * JSON keeps the parts apart whatever is in them, which a separator would not.
 * Nothing in it is a bidder's to choose.
 * @param salt the secret of the day; it is published afterwards, its own hash before.
 */
export function drawHash(
  auctionId: string,
  impid: string,
  seat: string,
  salt: string,
): string {
  return hash('sha256', JSON.stringify([auctionId, impid, seat, salt]), 'hex');
}

/**
 * The winner of equal bids: the lowest hash. A seat has one ticket, its bid with the lowest id,
 * however many equal bids it sent, so that sending more does not win more. With one seat there is
 * nothing to draw and nothing is hashed.
 *
 * @param tied at least one bid, in any order; seat and bid id together MUST be unique.
 */
export function breakTie<T extends Drawable>(
  tied: readonly T[],
  auctionId: string,
  impid: string,
  salt: string,
): T {
  const tickets = new Map<string, T>();
  for (const entry of tied) {
    const ticket = tickets.get(entry.seat);
    if (ticket === undefined || entry.bid.id < ticket.bid.id) tickets.set(entry.seat, entry);
  }
  let winner: T | undefined;
  for (const ticket of tickets.values()) {
    if (tickets.size > 1) {
      ticket.draw = drawHash(auctionId, impid, ticket.seat, salt);
    }
    if (winner === undefined || ticket.draw! < winner.draw!) winner = ticket;
  }
  return winner!;
}
