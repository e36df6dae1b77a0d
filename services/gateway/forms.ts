/** The two public forms of an auction request. They differ here, at the edge, and nowhere else. */
import type { AuctionOutcome } from '#shared/model/events.ts';
import { parseBidRequest, type ParsedRequest } from '#shared/model/openrtb-parse.ts';
import { toBidResponse, toSimpleAnswer } from './answer.ts';
import { parseSimpleBid } from './simple-bid.ts';

export interface Form {
  source: 'openrtb' | 'simple';
  /** Where it is taken. */
  path: string;
  parse(
    json: unknown,
    makeRequestId: () => string,
  ): ParsedRequest;
  /** The body of a 200, or undefined when nobody won. */
  answer(outcome: AuctionOutcome): unknown | undefined;
}

export const FORMS: { readonly openrtb: Form; readonly simple: Form } = {
  openrtb: {
    source: 'openrtb',
    path: '/openrtb2/auction',
    parse: parseBidRequest,
    answer: toBidResponse,
  },
  simple: { source: 'simple', path: '/bid', parse: parseSimpleBid, answer: toSimpleAnswer },
};
