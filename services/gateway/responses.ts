/** The gateway's answers as web responses. */
import type { Finding } from '#shared/model/openrtb-parse.ts';
import { problem } from '#shared/problem.ts';

const OPENRTB_VERSION = '2.6';

/** The auction's id is on every answer, the empty one too: with it anyone finds out why. */
export function jsonAnswer(
  status: number,
  body: unknown,
  auctionId: string,
  more?: Record<string, string>,
): Response {
  const headers = {
    'content-type': 'application/json',
    'x-openrtb-version': OPENRTB_VERSION,
    'helios-auction-id': auctionId,
  };
  return new Response(JSON.stringify(body), {
    status,
    headers: more ? { ...headers, ...more } : headers,
  });
}

/** No bid is 204 without content (OpenRTB 2.6 §2.1). */
export function noBidAnswer(auctionId: string, nbr: number): Response {
  const headers = {
    'x-openrtb-version': OPENRTB_VERSION,
    'helios-auction-id': auctionId,
    // For those who look.
    'helios-no-bid': String(nbr),
  };
  return new Response(null, { status: 204, headers });
}

/** What is wrong with a request: the first error on top, all findings below. */
export function invalid(status: 400 | 413 | 415, findings: readonly Finding[]): Response {
  const first = findings.find(({ severity }) => severity === 'error') ?? findings[0]!;
  const { path, value, allowed, fix } = first;
  const what = `${path || 'the body'}: allowed is ${allowed}`;
  const error = `Invalid request: ${what}${fix ? `. ${fix}` : ''}`;
  return Response.json({ error, path, value, allowed, findings }, { status });
}

export function tooBusy(error: string): Response {
  return problem(503, error, { 'retry-after': '1' });
}
