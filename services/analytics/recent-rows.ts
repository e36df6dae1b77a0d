/**
 * The row texts of the last auctions, so that one can be shown before the warehouse has it. Adding
 * is an array store, as it is done for every auction; finding walks the ring, as it is done for a
 * person who asks. Texts, not objects: the collector copies them without looking inside.
 */
export interface RecentRows {
  /** Rows of one record; all of one auction. */
  add(rows: readonly string[]): void;
  /** All rows of the auction that are still here. */
  find(auctionId: string): string[];
}

export function createRecentRows(length: number): RecentRows {
  const ring = new Array<readonly string[]>(length).fill([]);
  let next = 0;
  return {
    add(rows) {
      ring[next] = rows;
      next = next + 1 === length ? 0 : next + 1;
    },
    find(auctionId) {
      const start = rowStart(auctionId);
      return ring.flatMap((rows) => rows.length > 0 && rows[0]!.startsWith(start) ? rows : []);
    },
  };
}

/** How every row text of the auction begins. */
export function rowStart(auctionId: string): string {
  return `{"auction_id":"${auctionId}"`;
}
