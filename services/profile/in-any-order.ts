/** Many answers to one caller, each when it is ready. */
import { Mailbox } from '#shared/model/mailbox.ts';

export interface InAnyOrderOptions {
  /** Requests that are being answered at once, or whose answer is not taken yet; the others are not read. */
  atOnce: number;
  /** Ends the reading: what was read is answered. */
  closing: AbortSignal;
}

/**
 * Answers each request and gives the answers as they come, until there are no more. Throws what `requests`
 * rejects with, when the caller has gone for instance.
 * @param answer MUST NOT reject: what fails is an answer, too
 */
export function inAnyOrder<Request, Answer>(
  requests: AsyncIterable<Request>,
  answer: (request: Request) => Promise<Answer>,
  { atOnce, closing }: InAnyOrderOptions,
): AsyncIterable<Answer> {
  const answers = new Mailbox<Answer>();
  let open = 0;
  let isClosed = false;
  let goOn = (): void => {};
  const look = (): void => {
    if (isClosed && open === 0) answers.end();
    goOn();
  };
  const close = (): void => {
    isClosed = true;
    look();
  };
  const read = async (): Promise<void> => {
    for await (const request of requests) {
      if (isClosed) return;
      open++;
      void answer(request).then((one) => answers.push(one));
      while (open >= atOnce && !isClosed) await new Promise<void>((next) => goOn = next);
    }
  };
  closing.addEventListener('abort', close);
  if (closing.aborted) close();
  read().then(close, (error) => answers.fail(error))
    .finally(() => closing.removeEventListener('abort', close));
  return take();

  // Not sooner than the caller has room for them: a mailbox has no end.
  async function* take(): AsyncIterable<Answer> {
    try {
      for await (const one of answers) {
        open--;
        look();
        yield one;
      }
    } finally {
      close();
    }
  }
}
