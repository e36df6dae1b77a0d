import { describe, expect, it } from 'vitest';
import { describeFlags, number, readFlags, text, toggle, whole } from './flags.ts';

const FLAGS = {
  rate: number('requests a second', 0.1, 20_000, 200),
  count: whole('', 1, 10_000_000),
  curve: text('how the rate changes', 'day', ['day', 'flat']),
  addr: text('where', '127.0.0.1:1', /^[^:]+:\d+$/, 'host:port'),
  key: text('a secret'),
};

describe('readFlags()', () => {
  it('gives presets, and undefined where there is none', () => {
    expect(readFlags(FLAGS, [])).toEqual({
      values: { rate: 200, count: undefined, curve: 'day', addr: '127.0.0.1:1', key: undefined },
      rest: [],
      wrong: [],
    });
  });

  it('makes a preset only where the flag is not given', () => {
    const made: string[] = [];
    const url = text('where', () => made[made.length] = 'http://own', /^http/, 'http://host');
    expect(readFlags({ url }, ['--url', 'http://given']).values.url).toBe('http://given');
    expect(made).toEqual([]);
    expect(readFlags({ url }, []).values.url).toBe('http://own');
  });

  it('reads both spellings and leaves other arguments', () => {
    const args = ['--rate', '0.5', '--count=12', 'http://a', '--curve', 'flat', '--key=k'];
    const { values, rest, wrong } = readFlags(FLAGS, args, 1);
    expect(values).toMatchObject({ rate: 0.5, count: 12, curve: 'flat', key: 'k' });
    expect(rest).toEqual(['http://a']);
    expect(wrong).toEqual([]);
  });

  it.each([
    [['--rate', 'fast'], '--rate=fast: allowed is a number from 0.1 to 20,000'],
    [['--rate=-5'], '--rate=-5: allowed is a number from 0.1 to 20,000'],
    [['--rate', '1e3'], '--rate=1e3: allowed is a number from 0.1 to 20,000'],
    [['--count', '1.5'], '--count=1.5: allowed is a whole number from 1 to 10,000,000'],
    [['--count'], '--count=: allowed is a whole number from 1 to 10,000,000'],
    [['--curve=moon'], '--curve=moon: allowed is day, flat'],
    [['--addr=here'], '--addr=here: allowed is host:port'],
    [['--rat=5'], '--rat: allowed is --rate, --count, --curve, --addr, --key'],
    [['--toString=5'], '--toString: allowed is --rate, --count, --curve, --addr, --key'],
    [['seed'], 'seed: allowed is --rate, --count, --curve, --addr, --key'],
  ])('refuses %j', (args, line) => {
    expect(readFlags(FLAGS, args).wrong).toEqual([line]);
  });
});

describe('toggle()', () => {
  it('takes no value, also from the next argument', () => {
    const flags = { json: toggle('all of it'), count: whole('', 1, 9) };
    expect(readFlags(flags, ['--json', '--count', '3', 'x'], 1)).toEqual({
      values: { json: true, count: 3 },
      rest: ['x'],
      wrong: [],
    });
    expect(readFlags(flags, []).values.json).toBe(false);
    expect(readFlags(flags, ['--json=yes']).wrong).toEqual(['--json=yes: allowed is no value']);
    expect(describeFlags(flags, { command: 'x', about: '' })).toContain('  --json   all of it\n');
  });
});

describe('describeFlags()', () => {
  it('lists every flag with what is allowed', () => {
    const lines = describeFlags(FLAGS, {
      command: 'npm run x --',
      about: 'Does x.',
      arguments: { name: 'url', help: 'where to', most: 1 },
    }).split('\n');
    expect(lines).toEqual([
      'npm run x -- [url] [flags]',
      'Does x.',
      '',
      '  url      where to',
      '  --rate   requests a second (a number from 0.1 to 20,000; default 200)',
      '  --count  a whole number from 1 to 10,000,000',
      '  --curve  how the rate changes (day, flat; default day)',
      '  --addr   where (host:port; default 127.0.0.1:1)',
      '  --key    a secret (a text)',
    ]);
  });

  it('names no flags where there are none, and no default that is empty', () => {
    expect(describeFlags({}, { command: 'npm run x --', about: 'Does x.' })).toBe(
      'npm run x\nDoes x.',
    );
    const usage = { command: 'npm run x --', about: 'Does x.' };
    expect(describeFlags({ only: text('of these', '') }, usage)).toMatch(/of these \(a text\)$/);
  });
});
