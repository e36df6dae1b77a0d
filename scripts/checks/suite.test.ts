import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { countTests } from './suite.ts';

const file = (status: string, ...tests: string[]) => ({
  name: resolve('services/some.test.ts'),
  status,
  message: status === 'failed' ? 'Error: Cannot load\n    at some.ts' : '',
  assertionResults: tests.map((status, n) => ({
    status,
    fullName: `group test ${n}`,
    failureMessages: status === 'failed' ? ['AssertionError: expected 1 to be 2\n    at x'] : [],
  })),
});

test('countTests() takes the numbers of a good run', () => {
  const testResults = [file('passed', 'passed', 'passed', 'skipped')];
  expect(countTests({ numPassedTests: 2, testResults }, 0))
    .toEqual({ passed: 2, failed: 0, failures: [] });
});

test('countTests() counts a file that fails to load as one failure, and says how each failed', () => {
  const testResults = [
    file('passed', 'passed'),
    file('failed', 'passed', 'failed'),
    file('failed'),
  ];
  expect(countTests({ numPassedTests: 2, testResults }, 1)).toEqual({
    passed: 2,
    failed: 2,
    failures: [
      'services/some.test.ts: group test 1: AssertionError: expected 1 to be 2',
      'services/some.test.ts: Error: Cannot load',
    ],
  });
});

test('countTests() counts a failed run without failed tests', () => {
  const testResults = [file('passed', 'passed')];
  expect(countTests({ numPassedTests: 1, testResults }, 1)).toMatchObject({ passed: 1, failed: 1 });
});

test('countTests() counts a run without a report', () => {
  expect(countTests(undefined, 134)).toMatchObject({ passed: 0, failed: 1 });
});
