/** The gateway's answers as web responses. */
import type { AuctionOutcome } from '#shared/model/events.ts';
import type { Finding } from '#shared/model/openrtb-parse.ts';
import { NBR } from '#shared/model/openrtb.ts';
import { problem } from '#shared/problem.ts';
import type { Asker } from './entrant.ts';

const OPENRTB_VERSION = '2.6';

/** What an answer depends on beside the outcome. */
export type Asked = Pick<Asker, 'form' | 'requestId' | 'isTest'>;

/** How an auction ended for its publisher; `expired`: without an outcome. */
export type Ending = 'filled' | 'noBid' | 'expired';

/** The answer to a request, at once or when it is fetched. @param outcome undefined: none came in time. */
export function outcomeAnswer(
  asked: Asked,
  auctionId: string,
  outcome: AuctionOutcome | undefined,
): { ending: Ending; response: Response } {
  const body = outcome && asked.form.answer(outcome);
  if (body) return { ending: 'filled', response: jsonAnswer(200, body, auctionId) };
  const nbr = outcome ? NBR.noEligibleBid : NBR.technicalError;
  return { ending: outcome ? 'noBid' : 'expired', response: emptyAnswer(asked, auctionId, nbr) };
}

/** 204, or with `test: 1` the reason as an OpenRTB answer. @param auctionId absent: there was no auction. */
export function emptyAnswer(
  { form, requestId, isTest }: Asked,
  auctionId: string | undefined,
  nbr: number,
): Response {
  if (isTest && form.source === 'openrtb') {
    return jsonAnswer(200, { id: requestId, seatbid: [], nbr }, auctionId);
  }
  return noBidAnswer(auctionId, nbr);
}

/** The auction's id is on every answer, the empty one too: with it anyone finds out why. */
export function jsonAnswer(
  status: number,
  body: unknown,
  auctionId: string | undefined,
  more?: Record<string, string>,
): Response {
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    'x-openrtb-version': OPENRTB_VERSION,
  };
  if (auctionId !== undefined) headers['helios-auction-id'] = auctionId;
  return new Response(JSON.stringify(body), {
    status,
    headers: more ? { ...headers, ...more } : headers,
  });
}

/** The answer can be fetched later, and where. */
export function acceptedAnswer(auctionId: string): Response {
  const location = `/api/auctions/${auctionId}`;
  const body = { auction_id: auctionId, status: 'pending', location };
  return jsonAnswer(202, body, auctionId, { location, 'preference-applied': 'respond-async' });
}

/** The auction is not closed yet. */
export function pendingAnswer(auctionId: string): Response {
  const body = { auction_id: auctionId, status: 'pending' };
  return jsonAnswer(202, body, auctionId, { 'retry-after': '1' });
}

/** No bid is 204 without content (OpenRTB 2.6 §2.1). */
function noBidAnswer(auctionId: string | undefined, nbr: number): Response {
  const headers: Record<string, string> = {
    'x-openrtb-version': OPENRTB_VERSION,
    // For those who look.
    'helios-no-bid': String(nbr),
  };
  if (auctionId !== undefined) headers['helios-auction-id'] = auctionId;
  return new Response(null, { status: 204, headers });
}

/** What is wrong with a request: the first error on top, all findings below. */
export function invalid(status: 400 | 413 | 415, findings: readonly Finding[]): Response {
  const first = findings.find(({ severity }) => severity === 'error') ?? findings[0]!;
  const { path, value, allowed } = first;
  const error = `Invalid request: ${inWords(first)}`;
  return Response.json({ error, path, value, allowed, findings }, { status });
}

/** How a request was understood where that may surprise its sender, as the header `helios-warnings`. */
export function withWarnings(
  answer: Promise<Response>,
  warnings: readonly Finding[],
): Promise<Response> {
  if (warnings.length === 0) return answer;
  const text = inHeader(warnings);
  return answer.then((response) => {
    // A header is Latin-1 without control characters; what is shortened ends with an ellipsis.
    response.headers.set('helios-warnings', text.replace(/[^\x20-\x7e]/g, '?'));
    return response;
  });
}

/**
 * Characters of `helios-warnings`. A balancer keeps all headers of an answer in 4 KiB (nginx's
 * default) and answers 502 where they do not fit.
 */
const WARNINGS_LENGTH_MAX = 2_000;

/** As many as fit. */
function inHeader(warnings: readonly Finding[]): string {
  let text = inWords(warnings[0]!);
  for (let i = 1; i < warnings.length; i++) {
    const longer = `${text}; ${inWords(warnings[i]!)}`;
    if (longer.length > WARNINGS_LENGTH_MAX) return `${text}; and more`;
    text = longer;
  }
  return text;
}

function inWords({ path, allowed, fix }: Finding): string {
  return `${path || 'the body'}: allowed is ${allowed}${fix ? `. ${fix}` : ''}`;
}

export function tooBusy(error: string): Response {
  return problem(503, error, { 'retry-after': '1' });
}
