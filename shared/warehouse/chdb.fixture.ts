/** Started by chdb.test.ts: opens a warehouse and then does what it is told. */
import process from 'node:process';
import { createChdbWarehouse } from './chdb.ts';

const [path, task] = process.argv.slice(2);
const warehouse = await createChdbWarehouse({ path: path!, onError: console.error });
await warehouse.command('CREATE TABLE IF NOT EXISTS t (a UInt64) ENGINE = MergeTree ORDER BY a');
await warehouse.insert('t', ['{"a":1}'], 'one');
if (task === 'load') {
  const row = `{"a":${' '.repeat(5_000_000)}2}`;
  for (let n = 0; n < 10; n++) await warehouse.insert('t', [row], `load ${n}`);
}
const rows = await warehouse.query('SELECT count() AS n FROM t');
process.stdout.write(`${JSON.stringify(rows)}\n`);
if (task === 'close') await warehouse.close();
