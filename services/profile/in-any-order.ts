/** Many answers to one caller, each when it is ready. */

export interface InAnyOrderOptions {
  /** Requests that are being answered at once; the others are not read yet. */
  atOnce: number;
  /** Ends the reading: what was read is answered. */
  closing: AbortSignal;
}

/**
 * Answers each request and gives the answers as they come, until there are no more.
 * @param answer MUST NOT reject: what fails is an answer, too
 * @throws what `requests` rejects with, when the caller has gone for instance
 */
export async function* inAnyOrder<Request, Answer>(
  requests: AsyncIterable<Request>,
  answer: (request: Request) => Promise<Answer>,
  { atOnce, closing }: InAnyOrderOptions,
): AsyncGenerator<Answer, void, void> {
  const ready: Answer[] = [];
  let open = 0;
  let end: { failure?: unknown } | undefined;
  let changed = Promise.withResolvers<void>();
  const change = (): void => {
    changed.resolve();
    changed = Promise.withResolvers();
  };
  const close = (): void => {
    end ??= {};
    change();
  };
  const read = async (): Promise<void> => {
    for await (const request of requests) {
      if (end) return;
      open++;
      void answer(request).then((one) => {
        open--;
        ready.push(one);
        change();
      });
      while (open >= atOnce && !end) await changed.promise;
    }
  };
  closing.addEventListener('abort', close);
  if (closing.aborted) close();
  read().then(close, (failure) => {
    end = { failure };
    change();
  });
  try {
    while (true) {
      yield* ready.splice(0);
      if (ready.length > 0) continue;
      if (end && 'failure' in end) throw end.failure;
      if (end && open === 0) return;
      await changed.promise;
    }
  } finally {
    closing.removeEventListener('abort', close);
    end ??= {};
    change();
  }
}
