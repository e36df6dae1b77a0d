/** The steps of one auction on one scale of time, out of what is kept of it. Pure. */
import type { AuctionAnswer } from './answers.ts';

export interface Step {
  name: string;
  /** Beside the name. */
  note: string;
  kind: 'whole' | 'request' | 'group' | 'lookup' | 'missing' | 'auction' | 'ledger';
  /** ms from the arrival of the request; null where the record does not say. */
  startMs: number | null;
  tookMs: number;
  /** It belongs to the step above it. */
  inner: boolean;
}

export interface Waterfall {
  steps: Step[];
  /** Of the scale; above 0. */
  endMs: number;
  /** By when the publisher must have its answer; null where the record does not say. */
  deadlineMs: number | null;
}

/** Two steps of the same whole ms: the scale must not be 0. */
const SCALE_LEAST_MS = 0.1;

export function waterfallOf({ details, imps }: AuctionAnswer): Waterfall {
  const { answer_ms: closedMs, closed_by } = imps[0]!;
  const times = details?.times;
  const late = closed_by === 'deadline' ? 'closed at its deadline' : '';
  const steps: Step[] = [];
  const add = (
    kind: Step['kind'],
    name: string,
    startMs: number | null,
    tookMs: number,
    note = '',
  ): void => {
    steps.push({ kind, name, note, startMs, tookMs, inner: kind === 'lookup' });
  };
  if (times) add('request', 'Request read', 0, times.published);
  for (const { group, seats, startMs, tookMs, lookupMs } of details?.groups ?? []) {
    const from = startMs ?? null;
    add('group', group, from, tookMs, seats.map(({ seat }) => seat).join(', '));
    if (lookupMs !== undefined) add('lookup', 'Profile look-up', from, lookupMs);
  }
  for (const group of details?.missing ?? []) {
    const from = times?.published ?? null;
    add('missing', group, from, closedMs - (from ?? 0), 'no answer in time');
  }
  if (times) {
    add('auction', 'Auction open', times.opened, times.closed - times.opened, late);
    if (times.stored !== undefined) {
      add('ledger', 'Into the ledger', times.closed, times.stored - times.closed);
    }
  }
  const endMs = Math.max(
    SCALE_LEAST_MS,
    closedMs,
    ...steps.map(({ startMs, tookMs }) => (startMs ?? 0) + tookMs),
  );
  const whole: Step = {
    kind: 'whole',
    name: 'Whole auction',
    note: times ? '' : late,
    startMs: 0,
    tookMs: times?.stored ?? closedMs,
    inner: false,
  };
  return { steps: [whole, ...steps], endMs, deadlineMs: times?.deadline ?? null };
}
