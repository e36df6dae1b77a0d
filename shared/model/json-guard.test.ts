import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SAMPLES } from '../../tests/openrtb/samples.ts';
import { guardJson, JSON_DEPTH_MAX, JSON_ITEMS_MAX, readJson } from './json-guard.ts';

const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);

/** The depth of a value, in the plainest way. */
function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}

describe('guardJson()', () => {
  it('takes the deepest text allowed and refuses one level more', () => {
    expect(guardJson(nested(JSON_DEPTH_MAX)).ok).toBe(true);
    expect(guardJson(nested(JSON_DEPTH_MAX + 1))).toMatchObject({
      ok: false,
      reason: expect.stringContaining('deeper'),
    });
    expect(guardJson('{"a":'.repeat(JSON_DEPTH_MAX + 1)).ok).toBe(false);
    expect(guardJson('['.repeat(200_000)).ok).toBe(false);
  });

  it('takes as many items as allowed and refuses more', () => {
    const list = (length: number) => `[${Array(length).fill('1').join(',')}]`;
    expect(guardJson(list(JSON_ITEMS_MAX)).ok).toBe(true);
    expect(guardJson(list(JSON_ITEMS_MAX + 1)).ok).toBe(false);
    expect(guardJson(`[${'[],'.repeat(JSON_ITEMS_MAX)}1]`).ok).toBe(false);
  });

  it('counts brackets and commas of the structure only', () => {
    const text = JSON.stringify({ adm: '{[('.repeat(500), more: ','.repeat(JSON_ITEMS_MAX * 2) });
    expect(guardJson(text).ok).toBe(true);
  });

  it('is not led astray by escaped quotes and backslashes', () => {
    const wide = nested(JSON_DEPTH_MAX - 1);
    for (const string of ['\\', '"', '\\"', '"\\\\"', ']'.repeat(99), '\\\\\\"[']) {
      expect(guardJson(`[${JSON.stringify(string)},${wide}]`).ok).toBe(true);
      expect(guardJson(`[${JSON.stringify(string)},[${wide}]]`).ok).toBe(false);
    }
  });

  it('agrees with the depth of what the parser makes of it', () => {
    const deep = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: 'max', maxDepth: 40 },
        fc.string(),
        fc.array(tie('value'), { maxLength: 2 }),
        fc.dictionary(fc.string(), tie('value'), { maxKeys: 2 }),
      ),
    })).value;
    fc.assert(
      fc.property(deep, fc.nat(40), (value, levels) => {
        let wrapped: unknown = value;
        for (let i = 0; i < levels; i++) wrapped = i % 2 ? [wrapped] : { '}"': wrapped };
        const text = JSON.stringify(wrapped);
        expect(guardJson(text).ok).toBe(depthOf(wrapped) <= JSON_DEPTH_MAX);
      }),
      { seed: 5, numRuns: 500 },
    );
  });

  it('never throws, and leaves broken texts to the parser', () => {
    fc.assert(fc.property(fc.string(), (text) => typeof guardJson(text).ok === 'boolean'));
    for (const text of ['"', '"\\', '\\"', '["\\\\', ']]]]', '']) {
      expect(guardJson(text.padEnd(JSON_ITEMS_MAX * 2 + 1, '[]')).ok).toBeTypeOf('boolean');
    }
  });
});

describe('readJson()', () => {
  it.each(SAMPLES)('reads $name as the parser does', ({ text }) => {
    expect(readJson(text)).toEqual({ ok: true, value: JSON.parse(text) });
  });

  it('leaves out __proto__, however it is written, at every level', () => {
    const names = ['__proto__', '\\u005f_proto__', '_\\u005Fproto\\u005f_', '__\\u0070roto__'];
    for (const key of names) {
      const read = readJson(`{"a":[{"${key}":{"x":1},"b":1}],"${key}":null}`);
      expect(read).toEqual({ ok: true, value: { a: [{ b: 1 }] } });
      const copy = Object.assign({}, read.ok ? read.value : undefined);
      expect(Object.getPrototypeOf(copy)).toBe(Object.prototype);
    }
  });

  it('keeps constructor and prototype, which do no harm', () => {
    const text = '{"constructor":{"prototype":1}}';
    const read = readJson(text);
    expect(JSON.stringify(read.ok && read.value)).toBe(text);
  });

  it.each(['', '{', '{"a":1e}', 'undefined', '{"a":1}}'])('refuses %j with a reason', (text) => {
    expect(readJson(text)).toMatchObject({ ok: false, reason: expect.stringMatching(/./) });
  });
});
