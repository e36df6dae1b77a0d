/** Prints by how many bytes V8's old space grows for a statement that was executed. */
import { DatabaseSync } from 'node:sqlite';
import v8 from 'node:v8';
import { execute } from './execute.ts';

const CALLS = 50_000;

const database = new DatabaseSync(':memory:');
database.exec('CREATE TABLE counts (name TEXT PRIMARY KEY, n INTEGER NOT NULL)');
const count = database.prepare(
  'INSERT INTO counts VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET n = n + 1',
);
countUp();
const before = oldBytes();
countUp();
const grown = oldBytes() - before;
const [{ n }] = database.prepare('SELECT n FROM counts').all() as [{ n: number }];
if (n !== 2 * CALLS) throw new Error(`${n} of ${2 * CALLS} were executed`);
console.log(Math.round(grown / CALLS));

function countUp(): void {
  for (let call = 0; call < CALLS; call++) execute(count, 'auctions');
}

function oldBytes(): number {
  return v8.getHeapSpaceStatistics().find(({ space_name }) => space_name === 'old_space')!
    .space_used_size;
}
