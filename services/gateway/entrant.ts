/** Who asks for an auction. */
import type { BidRequest } from '#shared/model/openrtb.ts';
import { mayIdentify, withholdIdentity } from '#shared/model/privacy.ts';
import { keepText } from '#shared/model/request-text.ts';
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

/**
 * Settles what of a request is seen behind the door: all of it, or not whose it is.
 * @param text the body as it came
 */
export function letIn(request: BidRequest, form: Form, text: string): void {
  if (!mayIdentify(request)) withholdIdentity(request);
  else if (form.source === 'openrtb') keepText(request, text);
}
