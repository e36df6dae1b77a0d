/** Checks of an installation's own opinion: is it alive, is every stage and engine ready. */
import type { Check, Finding } from './checks.ts';
import { appears, CheckFailed, expect, jsonOf, seen, type SmokeTarget } from './smoke-target.ts';

export const STATE_CHECKS: readonly Check[] = [
  { name: 'alive (/healthz)', essential: true, run: alive },
  { name: 'ready (/readyz)', run: ready },
];

interface Part {
  name: string;
  ready: boolean;
  reason?: string;
}

interface Readiness {
  ready: boolean;
  runtime: string;
  stages: Part[];
  engines: Part[];
}

async function alive(target: SmokeTarget): Promise<string> {
  const response = await target.get('/healthz');
  expect(response.status === 200, `expected 200, got ${seen(response)}`);
  return new URL(target.addresses.url).host;
}

/** Waits for a start that is under way, then has a line for every stage and engine. */
async function ready(target: SmokeTarget): Promise<Finding[]> {
  let last: Partial<Readiness> = {};
  const ask = async () => {
    const response = await target.get('/readyz');
    expect([200, 503].includes(response.status), `expected 200, got ${seen(response)}`);
    last = jsonOf<Readiness>(response);
    return last.ready ? true : undefined;
  };
  await appears('readiness', ask).catch((error) => {
    if (last.stages === undefined || !(error instanceof CheckFailed)) throw error;
  });
  const line = (kind: string) => (part: Part): Finding => ({
    name: `  ${kind} ${part.name}`,
    ok: part.ready,
    note: part.ready ? 'ready' : part.reason ?? 'not ready, without a reason',
  });
  return [
    { name: 'ready (/readyz)', ok: last.ready === true, note: last.runtime ?? '' },
    ...(last.stages ?? []).map(line('stage')),
    ...(last.engines ?? []).map(line('engine')),
  ];
}
