import { cleanup, render } from '@solidjs/testing-library';
import { afterEach, expect, test, vi } from 'vitest';
import { FirstSteps } from './first-steps.tsx';

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

/** @param keyless whether sample traffic is allowed, and so a request without a key */
function stepsAt(origin: string, keyless: boolean): string {
  vi.stubGlobal('location', new URL(origin));
  const state = { running: false, sent: 0, ratePerS: 20, endsAt: null };
  const sample = {
    state: () => keyless ? state : undefined,
    problem: () => undefined,
    set: async () => {},
  };
  const { container } = render(() => <FirstSteps sample={sample} />);
  return container.textContent!;
}

test('the first steps say where a key comes from, where one is needed', () => {
  const steps = stepsAt('http://127.0.0.1:8080', true);
  expect(steps).not.toMatch(/key/i);
  expect(steps).toContain('for a demonstration are in place');
});

test.each([
  ['of another machine', 'https://exchange.example'],
  ['without a demo publisher, or forwarded to this machine', 'http://127.0.0.1:8080'],
])('the first steps ask for a key at an exchange %s', (_which, origin) => {
  const steps = stepsAt(origin, false);
  expect(steps).toContain(`curl -s ${origin}/bid`);
  expect(steps).toContain("-H 'x-api-key: KEY'");
  expect(steps).toContain('npm run keys -- create publisher NAME');
  expect(steps).not.toContain('for a demonstration');
});
