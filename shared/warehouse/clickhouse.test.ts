import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePorts } from '../../scripts/engines/free-ports.ts';
import {
  type ExchangeProcess,
  removeDataDir,
  startExchange,
  temporaryDataDir,
} from '../../tests/exchange-process.ts';
import { createClickhouseWarehouse } from './clickhouse.ts';
import { describeWarehouse } from './contract.ts';
import type { Warehouse } from './warehouse.ts';

/** The real engine behind its own endpoint, in a process of its own. */
let stage: ExchangeProcess;
let url: string;
beforeAll(async () => {
  stage = await startExchange({ stages: ['clickhouse'] });
  const token = (await readFile(join(stage.dataDir, 'sql-token'), 'utf8')).trim();
  url = stage.sqlUrl.replace('//', `//default:${token}@`);
});
afterAll(async () => {
  await stage.stop();
  await removeDataDir(stage.dataDir);
});

const errors: Error[] = [];
const open = (at = url) =>
  createClickhouseWarehouse({ url: at, onError: (error) => void errors.push(error) });

describeWarehouse('createClickhouseWarehouse()', async () => {
  expect(errors.splice(0)).toEqual([]);
  return await open();
});

describe('createClickhouseWarehouse()', () => {
  it('makes the database its address names, and looks tables up there', async () => {
    const warehouse = await open(`${url}/elsewhere`);
    await warehouse.command('CREATE TABLE t (a UInt64) ENGINE = Memory');
    await warehouse.insert('t', ['{"a":7}'], 'one');
    expect(await warehouse.query('SELECT a, currentDatabase() AS d FROM t')).toEqual([
      { a: 7, d: 'elsewhere' },
    ]);
    await warehouse.close();
  });

  it('answers checks and reports while statements of people wait', async () => {
    const [person, warehouse] = [await open(), await open()];
    const slow = Promise.all(Array.from({ length: 2 }, () =>
      person.raw({
        sql: 'SELECT sleep(1)',
        settings: {},
        params: {},
        defaultFormat: 'TSV',
      })));
    let ended = false;
    void slow.then(() => ended = true);
    await warehouse.check();
    await warehouse.query('SELECT 1 AS x');
    expect(ended).toBe(false);
    await slow;
    await Promise.all([person.close(), warehouse.close()]);
  });

  it('close() gives up what a server that hangs does not answer, and tells nobody', async () => {
    const warehouse = await open();
    await warehouse.check();
    stage.freeze(true);
    const begun = Promise.allSettled([
      warehouse.query('SELECT 1'),
      warehouse.insert('t', ['{}'], 'one'),
    ]);
    await warehouse.close();
    expect((await begun).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    stage.freeze(false);
    expect(errors).toEqual([]);
  });

  it('says unavailable when the password is wrong, without showing it', async () => {
    const warehouse = await open(url.replace(/:[^:@]*@/, ':guessed@'));
    for (const call of [() => warehouse.check(), () => warehouse.insert('t', ['{}'], 'one')]) {
      const error = await call().catch((e) => e);
      expect(error).toMatchObject({ code: 'unavailable', clickhouseCode: 516 });
      expect(error.message).not.toContain('guessed');
    }
    await warehouse.close();
  });

  it('waits for a server that is away, tells it once, and stores a repeated token once', async () => {
    const [sqlPort] = await freePorts(1);
    const env = {
      CLICKHOUSE_PORT: String(sqlPort),
      CLICKHOUSE_TOKEN: 'a-token-of-two-dozen-letters',
    };
    const at = `http://default:${env.CLICKHOUSE_TOKEN}@127.0.0.1:${sqlPort}`;
    const warehouse = await open(at);
    const away = {
      code: 'unavailable',
      clickhouseCode: 0,
      message: expect.stringMatching(/^Cannot reach ClickHouse at http:\/\/127\.0\.0\.1:\d+: /),
    };
    await expect(warehouse.check()).rejects.toMatchObject(away);
    await expect(warehouse.insert('t', ['{"a":1}'], 'one')).rejects.toMatchObject(away);
    expect(errors.splice(0)).toHaveLength(1);

    const dataDir = await temporaryDataDir();
    const first = await startExchange({ stages: ['clickhouse'], dataDir, env });
    await warehouse.command(`CREATE TABLE t (a UInt64) ENGINE = MergeTree ORDER BY a
      SETTINGS non_replicated_deduplication_window = 10`);
    await warehouse.insert('t', ['{"a":1}'], 'one');
    await warehouse.check();
    await first.stop('SIGKILL');
    await expect(count(warehouse)).rejects.toMatchObject(away);

    const second = await startExchange({ stages: ['clickhouse'], dataDir, env });
    await warehouse.insert('t', ['{"a":1}'], 'one');
    expect(await count(warehouse)).toEqual([{ n: 1 }]);
    expect(errors.splice(0)).toHaveLength(1);

    second.freeze(true);
    await expect(warehouse.check()).rejects.toThrow('no answer within 1500 ms');
    second.freeze(false);
    await expect.poll(() => count(warehouse)).toEqual([{ n: 1 }]);
    errors.splice(0);
    await warehouse.close();
    await second.stop();
    await removeDataDir(dataDir);
  });
});

function count(warehouse: Warehouse): Promise<unknown> {
  return warehouse.query('SELECT count() AS n FROM t');
}
