/** How long a process may take to end. */
import { CLOSE_MS } from '#shared/runtime/signals.ts';
import { ASYNC_GRACE_MS, LATE_CLOSE_MS, TMAX_LONGEST_MS } from './gateway/deadlines.ts';

/**
 * ms after `DRAIN_MS`: a publisher may wait for its `tmax` where nobody closes the auction, and only
 * then is the rest closed. Whoever ends processes by force must wait for longer.
 */
export const STOP_MS = TMAX_LONGEST_MS + ASYNC_GRACE_MS + LATE_CLOSE_MS + CLOSE_MS;
