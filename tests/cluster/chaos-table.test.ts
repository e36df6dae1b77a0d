import { expect, test } from 'vitest';
import { chaosTable } from './chaos-table.ts';

test('chaosTable() is a table of Markdown, with the seed', () => {
  const rows = [
    { fault: 'kill -9 of analytics', tries: 20, auctions: 1_200, answered: 1_190, violations: [] },
    { fault: 'poison', tries: 1, auctions: 60, answered: 60, violations: ['I1: lost'] },
  ];
  expect(chaosTable(rows, 7)).toBe(`Seed 7:

| fault                | times | auctions | answered | violations |
| -------------------- | ----: | -------: | -------: | ---------: |
| kill -9 of analytics |    20 |    1,200 |    1,190 |          0 |
| poison               |     1 |       60 |       60 |          1 |`);
});
