import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, describe, expect, it } from 'vitest';
import { runtimeCommand, runtimeName } from '../runtime/runtime.ts';
import { createChdbWarehouse } from './chdb.ts';
import { describeWarehouse } from './contract.ts';

const folder = mkdtempSync(join(tmpdir(), 'helios-warehouse-'));
const children: ChildProcess[] = [];
afterAll(() => {
  // One that a failed test has left would keep the suite from ending.
  for (const child of children) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});
let folders = 0;
const newPath = () => join(folder, String(++folders));
const open = (path: string) =>
  createChdbWarehouse({
    path,
    onError(error) {
      throw error;
    },
  });

/** Linux with util-linux, and with another processor. */
function canGiveWay(): boolean {
  return existsSync('/proc/self/task') && availableParallelism() > 1 &&
    spawnSync('chrt', ['--version']).status === 0;
}

/** Of all threads of this name. */
function policiesOf(name: string, { pid }: ChildProcess): (string | undefined)[] {
  const threads = `/proc/${pid}/task`;
  return readdirSync(threads)
    .filter((thread) => readFileSync(`${threads}/${thread}/comm`, 'utf8').trim() === name)
    .map((thread) => spawnSync('chrt', ['--pid', thread], { encoding: 'utf8' }).stdout)
    .map((said) => /policy: (\w+)/.exec(said)?.[1]);
}

describeWarehouse('createChdbWarehouse()', () => open(newPath()));

describe('createChdbWarehouse()', () => {
  it('finds its rows and tokens again after it was closed', async () => {
    const path = newPath();
    const table = `CREATE TABLE t (a UInt64) ENGINE = MergeTree ORDER BY a
      SETTINGS non_replicated_deduplication_window = 10`;
    const first = await open(path);
    await first.command(table);
    await first.insert('t', ['{"a":1}'], 'one');
    await first.close();
    const second = await open(path);
    await second.insert('t', ['{"a":1}'], 'one');
    expect(await second.query('SELECT a FROM t')).toEqual([{ a: 1 }]);
    await second.close();
  });

  it('close() gives up statements that go on, those behind them and reports too', async () => {
    const warehouse = await open(newPath());
    const long = 'SELECT count() FROM numbers(1000000000000) WHERE sipHash64(number) = 1';
    const statement = { sql: long, settings: {}, params: {}, defaultFormat: 'TSV' };
    const asked = [
      warehouse.raw(statement),
      warehouse.raw({ ...statement, sql: 'SELECT 1' }),
      warehouse.query(long),
    ];
    const ends = Promise.allSettled(asked);
    await warehouse.close();
    expect((await ends).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
  });

  it('says that this process has another one open', async () => {
    const path = newPath();
    const first = await open(path);
    await expect(open(newPath())).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining(`the one in ${path} open`),
    });
    expect(await first.query('SELECT 1 AS x')).toEqual([{ x: 1 }]);
    await first.close();
  });

  it.runIf(canGiveWay())('merges take what nobody else wants of the processors', async () => {
    const { child } = await start(newPath(), 'stay');
    expect(policiesOf('MergeMutate', child)).toEqual(['SCHED_IDLE']);
    expect(policiesOf('ThreadPool', child)).toContain('SCHED_OTHER');
    child.kill('SIGKILL');
  });

  it.runIf(canGiveWay())('all work of the engine does under load', async () => {
    const { child } = await start(newPath(), 'load');
    const calls = runtimeName === 'deno' ? 'tokio-runtime-w' : 'libuv-worker';
    for (const name of ['MergeMutate', 'ThreadPool', calls]) {
      const policies = [...new Set(policiesOf(name, child))];
      expect([name, ...policies]).toEqual([name, 'SCHED_IDLE']);
    }
    child.kill('SIGKILL');
  });

  it('ends a process with code 0 after close()', async () => {
    const { child, line } = await start(newPath(), 'close');
    expect(line).toBe('[{"n":1}]');
    expect(await once(child, 'exit')).toEqual([0, null]);
  });

  it('says who has the directory, opens it when that is killed, and empties the spool', async () => {
    const path = newPath();
    const { child } = await start(path, 'stay');
    await expect(open(path)).rejects.toMatchObject({
      code: 'unavailable',
      message: `Cannot open the warehouse in ${path}: process ${child.pid} is using it`,
    });
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
    writeFileSync(join(path, 'spool', '99'), 'left behind');
    const warehouse = await open(path);
    expect(readdirSync(join(path, 'spool'))).toEqual([]);
    expect(await warehouse.query('SELECT count() AS n FROM t')).toEqual([{ n: 1 }]);
    await warehouse.close();
  });

  it('says unavailable when the directory cannot be made', async () => {
    writeFileSync(join(folder, 'file'), '');
    await expect(open(join(folder, 'file', 'warehouse'))).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('ENOTDIR'),
    });
  });

  it('says corrupt when the metadata does not load', async () => {
    const path = newPath();
    mkdirSync(join(path, 'metadata'), { recursive: true });
    writeFileSync(join(path, 'metadata', 'helios.sql'), 'This is no statement');
    await expect(open(path)).rejects.toMatchObject({
      code: 'corrupt',
      message: `Cannot open the warehouse in ${path}: its files do not load`,
    });
  });

  it('refuses rows for input(), which the engine would lose', async () => {
    const warehouse = await open(newPath());
    await warehouse.command('CREATE TABLE t (a UInt64) ENGINE = Memory');
    const sql = "INSERT INTO t SELECT a + 1 FROM input('a UInt64') FORMAT CSV\n1\n";
    const statement = { sql, settings: {}, params: {}, defaultFormat: 'TSV' };
    await expect(warehouse.raw(statement)).rejects.toMatchObject({ clickhouseCode: 48 });
    await warehouse.close();
  });

  it('leaves nothing of a finished or failed insert in the spool', async () => {
    const path = newPath();
    const warehouse = await open(path);
    await warehouse.command('CREATE TABLE t (a UInt64) ENGINE = Memory');
    await warehouse.insert('t', ['{"a":1}'], 'one');
    await warehouse.insert('t', ['{"a":-'], 'two').catch(() => {});
    await warehouse.close();
    expect(existsSync(join(path, 'spool'))).toBe(true);
    expect(readdirSync(join(path, 'spool'))).toEqual([]);
  });
});

/** A process that has the warehouse open, and the first line it says. */
async function start(path: string, task: string): Promise<{ child: ChildProcess; line: string }> {
  const [command, ...args] = runtimeCommand(
    new URL('./chdb.fixture.ts', import.meta.url),
    path,
    task,
  );
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  const [line] = await once(createInterface({ input: child.stdout! }), 'line');
  return { child, line };
}
