/** The process's own routes: `/healthz` says it lives, `/readyz` whether each stage and engine can work. */
import { describeError } from '#shared/log.ts';
import type { Route, Service } from '#shared/service.ts';

/** A check that takes longer counts as a no: whoever asks wants to know about now. */
const CHECK_TIMEOUT_MS = 2_000;

export interface HealthDependencies {
  runtime: string;
  version: string;
  stages: readonly Service[];
  engines: readonly { name: string; check(): Promise<void> }[];
}

interface Check {
  name: string;
  ready: boolean;
  reason?: string;
}

/** Puts the process's routes before the stages' own. */
export function withHealth(next: Route, dependencies: HealthDependencies): Route {
  const { runtime, version, stages, engines } = dependencies;
  return (request) => {
    // Most requests are auctions: a look at the end of the URL is all they pay here.
    if (request.url.endsWith('/healthz')) return Response.json({ alive: true, runtime, version });
    if (request.url.endsWith('/readyz')) return readiness();
    return next(request);
  };

  async function readiness(): Promise<Response> {
    const [ofStages, ofEngines] = await Promise.all([
      Promise.all(stages.map((stage) => check(stage.name, () => stage.ready()))),
      Promise.all(engines.map((engine) => check(engine.name, () => engine.check()))),
    ]);
    const ready = [...ofStages, ...ofEngines].every((one) => one.ready);
    const body = { ready, runtime, version, stages: ofStages, engines: ofEngines };
    return Response.json(body, { status: ready ? 200 : 503 });
  }
}

async function check(name: string, ask: () => Promise<void>): Promise<Check> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => reject(new Error(`No answer within ${CHECK_TIMEOUT_MS} ms`)),
    CHECK_TIMEOUT_MS,
  );
  try {
    await Promise.race([ask(), late]);
    return { name, ready: true };
  } catch (error) {
    return { name, ready: false, reason: describeError(error) };
  } finally {
    clearTimeout(timer);
  }
}
