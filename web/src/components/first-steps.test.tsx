import { cleanup, render } from '@solidjs/testing-library';
import { afterEach, expect, test, vi } from 'vitest';
import { FirstSteps } from './first-steps.tsx';

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

function stepsAt(origin: string): string {
  vi.stubGlobal('location', new URL(origin));
  const sample = { state: () => undefined, problem: () => undefined, set: async () => {} };
  const { container } = render(() => <FirstSteps sample={sample} />);
  return container.textContent!;
}

test('the first steps say where a key comes from, where one is needed', () => {
  expect(stepsAt('http://127.0.0.1:8080')).not.toMatch(/key/i);
  cleanup();
  const steps = stepsAt('https://exchange.example');
  expect(steps).toContain('curl -s https://exchange.example/bid');
  expect(steps).toContain("-H 'x-api-key: KEY'");
  expect(steps).toContain('npm run keys -- create publisher NAME');
});
