import { expect, test } from 'vitest';
import { describeRows } from './describe-rows.ts';

test('describeRows() does not call the rows of INSERT … SELECT none', () => {
  expect(describeRows('INSERT INTO a SELECT * FROM b', 0)).toBe('Done');
  expect(describeRows('INSERT INTO a VALUES (1)', 1)).toBe('1 row');
  expect(describeRows('SELECT 1 WHERE 0', 0)).toBe('0 rows');
});
