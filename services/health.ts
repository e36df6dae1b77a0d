/** The process's own routes: `/healthz` says it lives, `/readyz` whether each stage and engine can work. */
import { describeError } from '#shared/log.ts';
import type { Route } from '#shared/service.ts';

/** A check that takes longer counts as a no: whoever asks wants to know about now. */
const CHECK_TIMEOUT_MS = 2_000;

/** Something that can say whether it works: rejects with the reason when it does not. */
export interface Checked {
  name: string;
  /** The process does most of its work without it: it is named when it is away, and no more. */
  optional?: boolean;
  check(): Promise<void>;
}

interface Answer {
  name: string;
  ready: boolean;
  optional?: boolean;
  reason?: string;
}

/**
 * Puts the process's routes before the stages' own.
 * @param about what both answers say of the process
 * @param now asked each time: what is hosted at the moment
 */
export function withHealth(
  next: Route,
  about: { runtime: string; version: string },
  now: () => { stages: readonly Checked[]; engines: readonly Checked[] },
): Route {
  return (request) => {
    // Most requests are auctions: a look at the end of the URL is all they pay here.
    const { url } = request;
    if (url.endsWith('/healthz') || url.endsWith('/readyz')) {
      const { pathname } = new URL(url);
      if (pathname === '/healthz') return Response.json({ alive: true, ...about });
      if (pathname === '/readyz') return readiness();
    }
    return next(request);
  };

  async function readiness(): Promise<Response> {
    const { stages, engines } = now();
    const [ofStages, ofEngines] = await Promise.all([
      Promise.all(stages.map(answerOf)),
      Promise.all(engines.map(answerOf)),
    ]);
    const ready = [...ofStages, ...ofEngines].every((one) => one.ready || one.optional);
    const body = { ready, ...about, stages: ofStages, engines: ofEngines };
    return Response.json(body, { status: ready ? 200 : 503 });
  }
}

async function answerOf({ name, optional, check }: Checked): Promise<Answer> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => reject(new Error(`No answer within ${CHECK_TIMEOUT_MS} ms`)),
    CHECK_TIMEOUT_MS,
  );
  try {
    await Promise.race([check(), late]);
    return { name, ready: true };
  } catch (error) {
    return { name, ready: false, ...(optional && { optional }), reason: describeError(error) };
  } finally {
    clearTimeout(timer);
  }
}
