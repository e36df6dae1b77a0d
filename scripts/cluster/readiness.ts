/** Whether a process can work, as `/readyz` says; no reason where there is no answer, or none yet. */
export type Readiness = { ready: true } | { ready: false; reason: string };

/** Longer than the longest check of `/readyz`. */
const ANSWER_MS = 3_000;

/** In the place of the stages until they are there. */
const STARTING = 'start';

interface Answer {
  stages: Checked[];
  engines: Checked[];
}
interface Checked {
  name: string;
  ready: boolean;
  reason?: string;
}

/** Never rejects: no answer is an answer. */
export async function askReadiness(url: string): Promise<Readiness> {
  try {
    const answer = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(ANSWER_MS) });
    if (answer.ok) {
      await answer.body?.cancel();
      return { ready: true };
    }
    return { ready: false, reason: describe(await answer.json() as Answer) };
  } catch {
    return { ready: false, reason: '' };
  }
}

/** An engine that is waited for says more than the stages that wait for it. */
function describe({ stages, engines }: Answer): string {
  const first = [...engines, ...stages].find(({ ready, name }) => !ready && name !== STARTING);
  return first ? `${first.name}: ${first.reason ?? 'not ready'}` : '';
}
