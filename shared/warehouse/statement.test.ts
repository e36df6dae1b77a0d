import { describe, expect, it } from 'vitest';
import { shapeOf, splitStatements } from './statement.ts';

describe('shapeOf()', () => {
  it('finds the format at the end of a query', () => {
    expect(shapeOf('SELECT 1 FORMAT CSV').format).toBe('CSV');
    expect(shapeOf('select 1 format JSONEachRow settings max_threads = 1;').format).toBe(
      'JSONEachRow',
    );
    expect(shapeOf('(SELECT 1) -- why\nFORMAT TSV /* so */ ;').format).toBe('TSV');
  });

  it('takes no column, quoted text, comment or inner word for a format', () => {
    expect(shapeOf('SELECT format FROM t').format).toBeUndefined();
    expect(shapeOf("SELECT 'x FORMAT CSV'").format).toBeUndefined();
    expect(shapeOf("SELECT 'it''s \\' FORMAT CSV'").format).toBeUndefined();
    expect(shapeOf('SELECT 1 -- FORMAT CSV').format).toBeUndefined();
    expect(shapeOf('SELECT * FROM (SELECT 1 FORMAT CSV)').format).toBeUndefined();
  });

  it('splits an INSERT into statement, tail and rows', () => {
    const sql = 'INSERT INTO helios.t (a, b) SETTINGS async_insert=0 FORMAT CSV\n1,";"\n2,FORMAT';
    const shape = shapeOf(sql);
    expect(shape).toMatchObject({ verb: 'INSERT', format: 'CSV', several: false, selects: false });
    expect(sql.slice(0, shape.tailAt)).toBe('INSERT INTO helios.t (a, b) ');
    expect(sql.slice(shape.dataAt)).toBe('\n1,";"\n2,FORMAT');
  });

  it('knows VALUES as a format, and an INSERT that selects', () => {
    const values = "insert into t values (1, ';')";
    expect(shapeOf(values)).toMatchObject({ format: 'Values', several: false });
    expect(values.slice(shapeOf(values).dataAt)).toBe(" (1, ';')");
    expect(shapeOf('INSERT INTO t SELECT 1')).toMatchObject({ selects: true, dataAt: undefined });
  });

  it('sees rows that a query takes by input()', () => {
    expect(shapeOf("INSERT INTO t SELECT a FROM input('a UInt8') FORMAT CSV\n1").input).toBe(true);
    expect(shapeOf('INSERT INTO t SELECT a FROM input').input).toBe(false);
    expect(shapeOf("INSERT INTO t FORMAT CSV\n1,FROM input('')").input).toBe(false);
  });

  it('tells several statements from a closing semicolon', () => {
    expect(shapeOf('SELECT 1; ;').several).toBe(false);
    expect(shapeOf("SELECT ';' ; DROP TABLE t").several).toBe(true);
    expect(shapeOf('SELECT 1 /* ; */ -- ;').several).toBe(false);
  });

  it('reads a text that is not closed once, and not in all its parts', () => {
    for (const quote of [`'`, '"', '`']) {
      // Of half the length it took minutes.
      expect(shapeOf(`SELECT ${quote}${'C'.repeat(80)}\\`).verb).toBe('SELECT');
    }
  });

  it('passes over heredocs', () => {
    expect(shapeOf("SELECT $$it's; so$$ AS a FORMAT CSV")).toMatchObject({
      several: false,
      format: 'CSV',
    });
    expect(shapeOf('SELECT $x$a $y$ ; ( $x$ FORMAT TSV')).toMatchObject({
      several: false,
      format: 'TSV',
    });
    expect(shapeOf('SELECT $x$;$x$; SELECT a$b$ FROM t').several).toBe(true);
    expect(shapeOf('SELECT a$b FROM c$b; SELECT 1').several).toBe(true);
  });

  it('knows an empty statement', () => {
    expect(shapeOf(' -- a comment\n /* and another */ ').empty).toBe(true);
    expect(shapeOf('(SELECT 1)').empty).toBe(false);
    expect(shapeOf('1').empty).toBe(false);
  });

  it('sees files of the machine', () => {
    expect(shapeOf("SELECT 1 INTO OUTFILE '/tmp/x' FORMAT CSV").file).toBe(true);
    expect(shapeOf("INSERT INTO t FROM INFILE '/etc/passwd' FORMAT LineAsString").file).toBe(true);
    expect(shapeOf("SELECT 'INTO OUTFILE'").file).toBe(false);
  });

  it('reads megabytes of quoted text without trouble', () => {
    const text = `SELECT '${"long \\' text ".repeat(300_000)}' FORMAT CSV`;
    expect(shapeOf(text).format).toBe('CSV');
  });
});

describe('splitStatements()', () => {
  it('splits at semicolons outside of quotes and comments', () => {
    expect(splitStatements("SELECT ';', 1; -- so;\nSELECT (2;; SELECT '3;")).toEqual({
      statements: ["SELECT ';', 1", '-- so;\nSELECT (2'],
      rest: " SELECT '3;",
    });
    expect(splitStatements('SELECT 1')).toEqual({ statements: [], rest: 'SELECT 1' });
    expect(splitStatements('-- a\n; /* b */ SELECT 1; -- c\n')).toEqual({
      statements: ['/* b */ SELECT 1'],
      rest: '',
    });
    expect(splitStatements('SELECT $x$1;$x$; SELECT $$;')).toEqual({
      statements: ['SELECT $x$1;$x$'],
      rest: ' SELECT $$;',
    });
    expect(splitStatements('SELECT 1; /* b').rest).toBe(' /* b');
  });
});
