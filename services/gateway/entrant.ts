/** Who asks for an auction. */
import type { BidRequest } from '#shared/model/openrtb.ts';
import type { Span } from '#shared/trace.ts';
import type { Form } from './forms.ts';

/** One request on its way through the gateway. */
export interface Entrant {
  form: Form;
  publisherId: string;
  request: BidRequest;
  async: boolean;
  receivedAt: number;
  /** The same with fractions. */
  readAt: number;
  traceparent: string;
  /** Where its trace is kept. */
  span: Span | undefined;
}

/**
 * What the answer needs of an entrant. Nothing else is kept while it waits: whoever collects garbage
 * meanwhile would carry each request along.
 */
export interface Asker extends Pick<Entrant, 'form' | 'receivedAt'> {
  requestId: string;
  isTest: boolean;
}

export function askerOf({ form, receivedAt, request }: Entrant): Asker {
  return { form, receivedAt, requestId: request.id, isTest: request.test === 1 };
}
