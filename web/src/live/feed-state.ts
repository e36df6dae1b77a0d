/** What the pages know of the feed, and how a frame changes it: pure. */
import type { LiveAuction, LiveFrame, LiveTotals } from '#shared/model/live.ts';
import type { LiveAnswer } from '../lib/answers.ts';

/** Rows the page keeps: more than a person scrolls back through while it moves. */
export const ROWS_KEPT = 200;
export const SECONDS_KEPT = 300;

export interface FeedState {
  totals: LiveTotals | undefined;
  /** Newest first. */
  rows: readonly LiveAuction[];
}

export const NO_FEED: FeedState = { totals: undefined, rows: [] };

export function fromAnswer({ totals, auctions }: LiveAnswer): FeedState {
  return { totals: totals.data, rows: auctions.data.rows };
}

export function withFrame(state: FeedState, frame: LiveFrame): FeedState {
  if (frame.topic === 'totals') return { ...state, totals: nextTotals(state.totals, frame) };
  if (frame.topic === 'auctions') {
    // Rows keep their identity, so that a list draws only the new ones.
    const rows = frame.kind === 'snapshot'
      ? known(frame.data.rows, state.rows)
      : [...frame.data.rows, ...state.rows].slice(0, ROWS_KEPT);
    return { ...state, rows };
  }
  return state;
}

/** Rows that came since a list was held; where all are new, some may be gone already: at least so many. */
export function cameSince(
  held: readonly LiveAuction[],
  rows: readonly LiveAuction[],
): { count: number; atLeast: boolean } {
  const index = rows.findIndex(({ id }) => id === held[0]?.id);
  const count = index === -1 ? rows.length : index;
  return { count, atLeast: count >= ROWS_KEPT };
}

function nextTotals(
  before: LiveTotals | undefined,
  frame: Extract<LiveFrame, { topic: 'totals' }>,
): LiveTotals | undefined {
  if (frame.kind === 'snapshot') return frame.data;
  if (!before) return undefined;
  const { second, ...rest } = frame.data;
  return { ...before, ...rest, seconds: [...before.seconds, second].slice(-SECONDS_KEPT) };
}

function known(rows: readonly LiveAuction[], before: readonly LiveAuction[]): LiveAuction[] {
  const byId = new Map(before.map((row) => [row.id, row]));
  return rows.map((row) => byId.get(row.id) ?? row);
}
