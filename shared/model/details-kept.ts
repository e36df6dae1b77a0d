/** How long details of auctions are kept, and why some have none. */

/** They hold personal data. */
export const DETAILS_KEPT_DAYS = 7;

/**
 * - `awaited`: on their way, as those of every auction for some seconds.
 * - `unavailable`: the warehouse does not answer, and only it can know them.
 * - `not_sampled`: the share of `DETAIL_SAMPLE` leaves this auction out.
 * - `expired`: the auction is older than {@link DETAILS_KEPT_DAYS}.
 * - `lost`: they should be there. A process ended before it had stored them, or they were dropped while
 *   the warehouse was away.
 */
export type DetailsAbsence = 'awaited' | 'unavailable' | 'not_sampled' | 'expired' | 'lost';
