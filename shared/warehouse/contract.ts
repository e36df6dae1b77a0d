/** What every warehouse engine does alike; an engine's test file calls this with how to make one. */
import { TextEncoder } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sampleOutcome, sampleRows } from './sample-rows.ts';
import { createTables, OUTCOMES } from './tables.ts';
import { type RawStatement, type Warehouse, WarehouseError } from './warehouse.ts';

/** `makeWarehouse` gives an empty warehouse; one is used at a time and closed before the next. */
export function describeWarehouse(name: string, makeWarehouse: () => Promise<Warehouse>): void {
  describe(`${name} as a warehouse`, () => {
    let warehouse: Warehouse;
    beforeAll(async () => {
      warehouse = await makeWarehouse();
      await createTables(warehouse);
      await warehouse.command(THINGS);
    });
    afterAll(() => warehouse.close());
    describeInsert(() => warehouse);
    describeQuery(() => warehouse);
    describeRaw(() => warehouse);
    describeTogether(() => warehouse);
  });

  describe(`${name} as a warehouse, at its end`, () => {
    it('close() waits for what was begun and rejects what comes after with code closed', async () => {
      const warehouse = await makeWarehouse();
      await warehouse.check();
      const begun = warehouse.query<{ n: number }>('SELECT count() AS n FROM numbers(1000)');
      await Promise.all([warehouse.close(), warehouse.close()]);
      expect(await begun).toEqual([{ n: 1000 }]);
      for (
        const call of [
          () => warehouse.check(),
          () => warehouse.query('SELECT 1'),
          () => warehouse.command('SELECT 1'),
          () => warehouse.insert('things', ['{}'], 'late'),
          () => warehouse.raw(statement('SELECT 1')),
        ]
      ) {
        await expect(call()).rejects.toMatchObject({ name: 'WarehouseError', code: 'closed' });
      }
    });
  });
}

const THINGS = `CREATE TABLE things (a UInt64, b String, c Array(String))
  ENGINE = MergeTree ORDER BY a SETTINGS non_replicated_deduplication_window = 100`;

const START_MS = Date.UTC(2026, 10, 22, 6);

interface Thing {
  a: number;
  b: string;
  c: string[];
}
const thing = (a: number, b: unknown = '', c: string[] = []) => JSON.stringify({ a, b, c });

function describeInsert(warehouse: () => Warehouse): void {
  const things = (from: number) =>
    warehouse().query<Thing>('SELECT * FROM things WHERE a >= {from:UInt64} ORDER BY a LIMIT 10', {
      from,
    });

  it('insert() stores rows, and nested JSON as the text it was', async () => {
    await warehouse().insert('things', [
      thing(1, 'It\'s "quoted" \\ and\nbroken; ü 😀', ['x', 'y']),
      '{"a":2,"b":{"k":[1, {"deep":"\\n"}]}}',
      thing(3, [1, 'two']),
    ], 'first');
    expect(await things(1)).toEqual([
      { a: 1, b: 'It\'s "quoted" \\ and\nbroken; ü 😀', c: ['x', 'y'] },
      { a: 2, b: '{"k":[1, {"deep":"\\n"}]}', c: [] },
      { a: 3, b: '[1,"two"]', c: [] },
    ]);
  });

  it('insert() stores a token once, however often it is sent', async () => {
    const rows = [thing(100)];
    await Promise.all([
      warehouse().insert('things', rows, "it's\\1"),
      warehouse().insert('things', rows, "it's\\1"),
    ]);
    await warehouse().insert('things', rows, "it's\\1");
    expect(await things(100)).toHaveLength(1);
    await warehouse().insert('things', rows, "it's\\2");
    expect(await things(100)).toHaveLength(2);
  });

  it('insert() stores all rows or none, and a retry with the token may follow', async () => {
    const failed = warehouse().insert('things', [thing(200), '{"a":"no number"}'], 'half');
    await expect(failed).rejects.toMatchObject({
      code: 'query',
      clickhouseCode: 27,
      message: expect.stringMatching(
        /^Cannot run the statement: Code: 27\. [^/]*\(at row 2\)[^/]*$/,
      ),
    });
    expect(await things(200)).toEqual([]);
    await warehouse().insert('things', [thing(200), thing(201)], 'half');
    expect(await things(200)).toHaveLength(2);
  });

  it('insert() takes rows as bytes too, many at once, beside texts', async () => {
    const before = new TextEncoder().encode('not this one\n');
    const lines = new TextEncoder().encode(`${thing(401, 'ü😀')}\n${thing(402)}\n`);
    const part = new Uint8Array([...before, ...lines]).subarray(before.length);
    await warehouse().insert('things', [thing(400), part, thing(403), thing(404), lines], 'bytes');
    const texts = (await things(400)).map(({ a, b }) => [a, b]);
    const two = [[401, 'ü😀'], [401, 'ü😀'], [402, ''], [402, '']];
    expect(texts).toEqual([[400, ''], ...two, [403, ''], [404, '']]);
    await warehouse().command('TRUNCATE TABLE things');
  });

  it('insert() takes the values of named columns, as they stand between tabs', async () => {
    const columns = ['c', 'a', 'b'];
    const rows = [`['x','it\\'s','\\\\']\t500\t{"quoted":"\\n\\\\ \\"ü😀"}`, '[]\t501\t'];
    const text = `[]\t502\t\r'\n`;
    const insert = [...rows, new TextEncoder().encode(text)];
    await warehouse().insert('things', insert, 'columns', columns);
    await warehouse().insert('things', insert, 'columns', columns);
    expect(await things(500)).toEqual([
      { a: 500, b: '{"quoted":"\\n\\\\ \\"ü😀"}', c: ['x', `it's`, '\\'] },
      { a: 501, b: '', c: [] },
      { a: 502, b: `\r'`, c: [] },
    ]);
    const short = warehouse().insert('things', ['[]\t503'], 'short', columns);
    await expect(short).rejects.toMatchObject({ code: 'query', clickhouseCode: 27 });
    await warehouse().command('TRUNCATE TABLE things');
  });

  it('insert() of nothing does nothing', async () => {
    await warehouse().insert('things', [], 'nothing');
    expect(await things(300)).toEqual([]);
  });

  it('insert() takes tens of thousands of rows as one block', async () => {
    const rows = sampleRows(sampleOutcome, 30_000, START_MS);
    await warehouse().insert(OUTCOMES, rows, 'outcomes:0:0-29999');
    await warehouse().insert(OUTCOMES, rows, 'outcomes:0:0-29999');
    expect(
      await warehouse().query(
        `SELECT count() AS n, countIf(win_status = 'won') AS won, sum(price_micros) AS micros
         FROM ${OUTCOMES}`,
      ),
    ).toEqual([{
      n: 30_000,
      won: 24_000,
      micros: rows.reduce((sum, row) => sum + (JSON.parse(row).price_micros ?? 0), 0),
    }]);
  });
}

function describeQuery(warehouse: () => Warehouse): void {
  it('query() gives 64-bit integers as numbers, and no rows as an empty list', async () => {
    expect(await warehouse().query('SELECT toUInt64(9007199254740991) AS n, toInt64(-1) AS m'))
      .toEqual([{ n: 9007199254740991, m: -1 }]);
    expect(await warehouse().query('SELECT 1 AS x WHERE 0')).toEqual([]);
  });

  it('query() binds parameters, whatever is in them', async () => {
    const hostile = "'; DROP TABLE things; -- \\' \t\n{x:String}";
    const [row] = await warehouse().query(
      `SELECT {text:String} AS text, {list:Array(String)} AS list, {number:UInt64} AS number,
        {maybe:Nullable(String)} AS maybe, {yes:Bool} AS yes`,
      { text: hostile, list: [hostile, ''], number: 12, maybe: null, yes: true },
    );
    expect(row).toEqual({ text: hostile, list: [hostile, ''], number: 12, maybe: null, yes: true });
  });

  it('query() rejects with the number ClickHouse gives the error', async () => {
    const error = await warehouse().query('SELECT * FROM nothing').catch((e) => e);
    expect(error).toBeInstanceOf(WarehouseError);
    expect(error).toMatchObject({ code: 'query', clickhouseCode: 60 });
    expect(error.message).toMatch(
      /^Cannot run the statement: Code: 60\. DB::Exception: .*nothing.*\(UNKNOWN_TABLE\)$/,
    );
  });

  it('query() gives nothing of a query that failed before it', async () => {
    const failing = 'SELECT 1 AS x, throwIf(number = 900000) FROM numbers(1000000)';
    await expect(warehouse().query(failing)).rejects.toMatchObject({ clickhouseCode: 395 });
    expect(await warehouse().query('SELECT 2 AS y')).toEqual([{ y: 2 }]);
  });

  it('command() makes tables, repeatedly when told so', async () => {
    await createTables(warehouse());
    await expect(warehouse().command(THINGS)).rejects.toMatchObject({ clickhouseCode: 57 });
  });
}

const statement = (sql: string, more: Partial<RawStatement> = {}): RawStatement => ({
  sql,
  settings: {},
  params: {},
  defaultFormat: 'TSV',
  ...more,
});
const bytes = (text: string) => new TextEncoder().encode(text);

function describeRaw(warehouse: () => Warehouse): void {
  const text = async (sql: string, more?: Partial<RawStatement>) =>
    new TextDecoder().decode((await warehouse().raw(statement(sql, more))).bytes);

  it('raw() answers in the default format or the one the statement names', async () => {
    const numbers = 'SELECT number AS n FROM numbers(3)';
    expect(await text(numbers)).toBe('0\n1\n2\n');
    const named = await warehouse().raw(statement(`${numbers} FORMAT JSONEachRow;`));
    expect(new TextDecoder().decode(named.bytes)).toBe('{"n":0}\n{"n":1}\n{"n":2}\n');
    expect(named).toMatchObject({ format: 'JSONEachRow', rows: 3 });
    expect(await warehouse().raw(statement('SELECT 1'))).toMatchObject({ format: 'TSV', rows: 1 });
  });

  it('raw() takes settings, parameters and a database, for this statement only', async () => {
    const asked = "SELECT getSetting('max_block_size'), {p:String}, currentDatabase()";
    const options = {
      settings: { max_block_size: '4321' },
      params: { p: "it's\\tone" },
      database: 'helios',
    };
    expect(await text(`${asked} FORMAT Values`, options)).toBe("(4321,'it\\'s\\tone','helios')");
    expect(await text("SELECT getSetting('max_block_size') = 4321, currentDatabase()")).toBe(
      '0\tdefault\n',
    );
    await expect(text(asked)).rejects.toMatchObject({ clickhouseCode: 456 });
  });

  it('raw() names what it does not know', async () => {
    await expect(text('SELECT 1', { settings: { nonsense: '1' } })).rejects.toMatchObject({
      clickhouseCode: 115,
    });
    await expect(text('SELECT 1', { database: 'nowhere' })).rejects.toMatchObject({
      clickhouseCode: 81,
    });
    await expect(text('SELEC 1')).rejects.toMatchObject({ code: 'query', clickhouseCode: 62 });
    // The engine tells it three times over.
    await expect(text('SELECT 1 FORMAT Nope')).rejects.toThrow(
      /^Cannot run the statement: Code: 73\. DB::Exception: Unknown [^(]*\(UNKNOWN_FORMAT\)$/,
    );
  });

  it.each([
    ['JSONEachRow', 'FORMAT JSONEachRow', bytes('{"a":1000,"b":"x;"}\n{"a":1001}')],
    [
      'CSV with settings',
      'SETTINGS async_insert = 0 FORMAT CSV',
      bytes('1000,"x;",[]\n1001,,[]\n'),
    ],
    ['Values', 'VALUES', bytes("(1000, 'x;', []), (1001, '', [])")],
    [
      'RowBinary',
      'FORMAT RowBinary',
      Uint8Array.of(0xe8, 3, 0, 0, 0, 0, 0, 0, 2, 120, 59, 0, 0xe9, 3, 0, 0, 0, 0, 0, 0, 0, 0),
    ],
  ])('raw() inserts a body of %s', async (_name, tail, body) => {
    await warehouse().command('TRUNCATE TABLE things');
    const { rows } = await warehouse().raw(statement(`INSERT INTO things ${tail}`, { body }));
    expect(rows).toBe(2);
    expect(await text('SELECT a, b FROM things ORDER BY a')).toBe('1000\tx;\n1001\t\n');
  });

  it('raw() inserts rows that stand in the statement, and rows of a query', async () => {
    await warehouse().command('TRUNCATE TABLE things');
    await text("INSERT INTO things VALUES (1 + 0, lower('X'), []);");
    await text('INSERT INTO things FORMAT JSONEachRow\n{"a":2}\n{"a":3}');
    await text('INSERT INTO things FORMAT JSONEachRow', { body: new Uint8Array() });
    await text('INSERT INTO things (a) SELECT number + 4 FROM numbers(2)');
    for (const a of [6, 7]) {
      await text(
        `INSERT INTO things (a) SETTINGS insert_deduplication_token = 'values' VALUES (${a})`,
      );
    }
    await text('INSERT INTO things (a) FORMAT Values (8)');
    expect(await text('SELECT a FROM things ORDER BY a')).toBe('1\n2\n3\n4\n5\n6\n8\n');
  });

  it('raw() takes a statement from the body, alone, in part, or with rows of any kind', async () => {
    await warehouse().command('TRUNCATE TABLE things');
    expect(await text('', { body: bytes("SELECT 'ü;' FORMAT CSV") })).toBe('"ü;"\n');
    expect(await text('SELECT 1 +', { body: bytes('2') })).toBe('3\n');
    const rows = [32, 0, 0, 0, 0, 0, 0, 0, 1, 59, 0];
    const body = Uint8Array.from([...bytes('INSERT INTO things FORMAT RowBinary\n'), ...rows]);
    await text('', { body });
    await text('INSERT INTO things FORMAT RowBinary', {
      body: Uint8Array.from([10, ...rows.slice(1)]),
    });
    expect(await text('SELECT a, b FROM things ORDER BY a')).toBe('10\t;\n32\t;\n');
  });

  it('raw() runs one statement, and touches no files by INTO OUTFILE and FROM INFILE', async () => {
    await expect(text('SELECT 1; DROP TABLE things')).rejects.toMatchObject({ clickhouseCode: 62 });
    for (
      const sql of ["SELECT 1 INTO OUTFILE 'x'", "INSERT INTO things FROM INFILE '/etc/hosts'"]
    ) {
      await expect(text(sql)).rejects.toMatchObject({ code: 'query', clickhouseCode: 358 });
    }
    expect(await text('EXISTS TABLE things;')).toBe('1\n');
  });

  it('raw() carries a result of 30 MB and refuses one of 100 MB', async () => {
    const rows = "SELECT repeat('x', 999) FROM numbers";
    expect((await warehouse().raw(statement(`${rows}(30000)`))).bytes.byteLength).toBe(30_000_000);
    await expect(warehouse().raw(statement(`${rows}(100000)`))).rejects.toMatchObject({
      clickhouseCode: 396,
    });
  });
}

function describeTogether(warehouse: () => Warehouse): void {
  it('answers queries and inserts while a long statement runs', async () => {
    const ended: string[] = [];
    const long = warehouse().raw(statement('SELECT sleep(2)')).then(() => ended.push('long'));
    await Promise.all([
      warehouse().query('SELECT 1').then(() => ended.push('query')),
      warehouse().insert('things', [thing(1)], 'together').then(() => ended.push('insert')),
    ]);
    await long;
    expect(ended.toSorted()).toEqual(['insert', 'long', 'query']);
    expect(ended.at(-1)).toBe('long');
  });

  it('keeps a hundred calls at once apart', async () => {
    const answers = await Promise.all(
      Array.from(
        { length: 100 },
        (_, i) =>
          i % 2
            ? warehouse().query<{ v: string }>('SELECT {v:String} AS v', { v: `v${i}` })
            : warehouse().raw(statement('SELECT {v:String}', { params: { v: `v${i}` } })),
      ),
    );
    for (const [i, answer] of answers.entries()) {
      if (Array.isArray(answer)) expect(answer).toEqual([{ v: `v${i}` }]);
      else expect(new TextDecoder().decode(answer.bytes)).toBe(`v${i}\n`);
    }
  });
}
