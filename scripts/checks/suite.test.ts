import { expect, test } from 'vitest';
import { countTests } from './suite.ts';

const file = (status: string, ...tests: string[]) => ({
  status,
  assertionResults: tests.map((status) => ({ status })),
});

test('countTests() takes the numbers of a good run', () => {
  const testResults = [file('passed', 'passed', 'passed', 'skipped')];
  expect(countTests({ numPassedTests: 2, numFailedTests: 0, testResults }, 0))
    .toEqual({ passed: 2, failed: 0 });
});

test('countTests() counts a file that fails to load as one failure', () => {
  const testResults = [
    file('passed', 'passed'),
    file('failed', 'passed', 'failed'),
    file('failed'),
  ];
  expect(countTests({ numPassedTests: 2, numFailedTests: 1, testResults }, 1))
    .toEqual({ passed: 2, failed: 2 });
});

test('countTests() counts a failed run without failed tests', () => {
  const testResults = [file('passed', 'passed')];
  expect(countTests({ numPassedTests: 1, numFailedTests: 0, testResults }, 1))
    .toEqual({ passed: 1, failed: 1 });
});

test('countTests() counts a run without a report', () => {
  expect(countTests(undefined, 134)).toMatchObject({ passed: 0, failed: 1 });
});
