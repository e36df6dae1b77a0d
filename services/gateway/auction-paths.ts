/** Where auctions are asked for, and in which form. */
import { type Form, FORMS } from './forms.ts';

export const AUCTION_PATHS: Readonly<Record<string, Form>> = Object.fromEntries(
  Object.values(FORMS).map((form) => [form.path, form]),
);

/**
 * The form of a request that asks for an auction. Nearly all do, so this is looked at before the
 * router, which knows the same paths and all their spellings.
 */
export function formAskedFor({ method, url }: Request): Form | undefined {
  return method === 'POST' ? AUCTION_PATHS[pathOf(url)] : undefined;
}

/** The URL of a request always has one. */
function pathOf(url: string): string {
  const start = url.indexOf('/', 'https://'.length);
  const end = url.indexOf('?', start);
  return end < 0 ? url.slice(start) : url.slice(start, end);
}
