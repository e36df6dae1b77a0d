/**
 * The text a request was read from, kept beside it: whoever stores the request as JSON need not
 * write it once more, which costs as much as bidding on it. The text is as the sender wrote it:
 * without the defaults, and with fields that were null; `parseBidRequest` of it gives the request.
 */
import type { BidRequest } from './openrtb.ts';

const TEXT = Symbol('text');

/** Not enumerable: a copy of the request, which may differ, has no text, and JSON shows none. */
export function keepText(request: BidRequest, text: string): void {
  Object.defineProperty(request, TEXT, { value: text });
}

/** Undefined for a request that came another way, from another process for instance. */
export function textOf(request: BidRequest): string | undefined {
  return (request as { [TEXT]?: string })[TEXT];
}
