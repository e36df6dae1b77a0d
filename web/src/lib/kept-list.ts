/**
 * The list of outcomes as somebody left it, so that Back shows the same rows at the same place. It is
 * kept for one entry of the browser's history; a reload, a link or a new search begins at the top.
 */
import type { ListedOutcome, OutcomesAnswer } from './answers.ts';

/** What a table shows of a list. */
export interface ShownRows {
  rows: ListedOutcome[];
  /** Cursor of the page after them. */
  next: string | null;
  /** Pixels above what is in sight, of the table and of the window. */
  scrolled: { table: number; window: number };
}

export interface KeptList {
  /** When it was asked for: pages further down stay in the same time range. */
  askedAt: number;
  /** Path of its first page. */
  path: string;
  first: OutcomesAnswer;
  shown: ShownRows;
}

let kept: { entry: number; list: KeptList } | undefined;

/** To be called while the list's entry is the current one. */
export function keepList(list: KeptList): void {
  const entry = Math.random();
  history.replaceState({ ...history.state, list: entry }, '');
  kept = { entry, list };
}

/** What was kept for the current entry of the history; undefined on the server. */
export function keptList(): KeptList | undefined {
  return kept && history.state?.list === kept.entry ? kept.list : undefined;
}
