/**
 * When the steps of an auction were, in ms from the gateway's reading of the request: by the
 * clocks of their machines.
 */
export interface AuctionTimes {
  /** The gateway handed the request on. */
  published: number;
  /** The auction had it. */
  opened: number;
  /** It closed. */
  closed: number;
  /** The ledger had the outcome; absent where the details did not wait for that. */
  stored?: number | undefined;
  /** The publisher must have its answer. */
  deadline: number;
}
