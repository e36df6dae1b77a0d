/** Mutations of valid requests: whatever arrives, the answer is a request or findings, never an exception. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SAMPLES } from '../../tests/openrtb/samples.ts';
import { FINDINGS_MAX, isError, shown } from './finding.ts';
import { readJson } from './json-guard.ts';
import { parseBidRequest, type ParsedRequest } from './openrtb-parse.ts';
import { BidRequestShape, hasBidRequestShape } from './openrtb-schema.ts';

/** Values that have broken parsers before. */
const HOSTILE = fc.constantFrom<unknown>(
  null,
  true,
  '',
  'NaN',
  'a\ud800',
  '\u0000',
  -1,
  -0,
  0,
  0.5,
  1e999,
  -1e999,
  2 ** 53,
  1e-7,
  [],
  {},
  [[]],
  [null],
  [-1],
  ['x'],
  { ext: [] },
  JSON.parse('{"__proto__":{"polluted":1}}'),
  { constructor: { prototype: { polluted: 1 } } },
);

type Mutation = { at: number; how: 'set' | 'remove' | 'add' | 'repeat'; value: unknown };

const MUTATION: fc.Arbitrary<Mutation> = fc.record({
  at: fc.nat(),
  how: fc.constantFrom('set', 'remove', 'add', 'repeat'),
  value: fc.oneof({ arbitrary: HOSTILE, weight: 4 }, fc.jsonValue()),
});

/** Every place in `root`, as its parent and key. */
function placesIn(root: unknown): { parent: Record<string, unknown>; key: string }[] {
  const places: { parent: Record<string, unknown>; key: string }[] = [];
  const walk = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    for (const key of Object.keys(value)) {
      places.push({ parent: value as Record<string, unknown>, key });
      walk((value as Record<string, unknown>)[key]);
    }
  };
  walk(root);
  return places;
}

function mutate(root: unknown, { at, how, value: given }: Mutation): void {
  // A value put in twice could be put into itself.
  const value: unknown = structuredClone(given);
  const places = placesIn(root);
  if (places.length === 0) return;
  const { parent, key } = places[at % places.length]!;
  if (how === 'set') parent[key] = value;
  else if (how === 'remove') delete parent[key];
  else if (how === 'add') parent[`x${at}`] = value;
  else if (Array.isArray(parent)) parent.push(parent[Number(key)]);
}

function checkResult(result: ParsedRequest): void {
  if (result.ok) {
    expect(result.request.imp.length).toBeGreaterThan(0);
    expect([1, 2]).toContain(result.request.at);
    for (const imp of result.request.imp) {
      expect(imp.bidfloor ?? 0).toBeGreaterThanOrEqual(0);
      expect(imp.bidfloorcur).toBe('USD');
    }
    expect(result.warnings.filter(isError)).toEqual([]);
  } else {
    expect(isError(result.findings[0]!)).toBe(true);
    expect(result.findings.length).toBeLessThanOrEqual(FINDINGS_MAX);
    for (const { path, allowed, section } of result.findings) {
      expect(path).toMatch(/^$|^[a-z]\w*(\[\d+\]|\.[a-z]\w*)*$/);
      expect(allowed.length * section.length).toBeGreaterThan(0);
    }
  }
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
}

describe('parseBidRequest() survives', () => {
  it.each(SAMPLES)('mutations of $name', ({ text }) => {
    fc.assert(
      fc.property(fc.array(MUTATION, { minLength: 1, maxLength: 4 }), (mutations) => {
        const json = JSON.parse(text);
        for (const mutation of mutations) mutate(json, mutation);
        checkResult(parseBidRequest(json));
      }),
      { numRuns: 200, seed: 2026 },
    );
  });

  it.each(SAMPLES)('mutations of $name as zod itself would', ({ text }) => {
    fc.assert(
      fc.property(fc.array(MUTATION, { minLength: 1, maxLength: 3 }), (mutations) => {
        const json = JSON.parse(text);
        for (const mutation of mutations) mutate(json, mutation);
        expect(hasBidRequestShape(json)).toBe(BidRequestShape.safeParse(json).success);
      }),
      { numRuns: 300, seed: 5 },
    );
  });

  it('any JSON value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (json) => checkResult(parseBidRequest(json))),
      { numRuns: 1000, seed: 7 },
    );
  });

  it('texts of samples with characters changed', () => {
    const edit = fc.record({ at: fc.nat(), to: fc.constantFrom(...'{}[]":,\\0-e9un\ud800') });
    const sample = fc.constantFrom(...SAMPLES.map(({ text }) => text));
    fc.assert(
      fc.property(sample, fc.array(edit, { maxLength: 6 }), (text, edits) => {
        const characters = [...text];
        for (const { at, to } of edits) characters[at % characters.length] = to;
        const read = readJson(characters.join(''));
        if (read.ok) checkResult(parseBidRequest(read.value));
      }),
      { numRuns: 1000, seed: 11 },
    );
  });

  it('its own answer: a request that passed passes again, unchanged', () => {
    for (const { text } of SAMPLES) {
      const first = parseBidRequest(JSON.parse(text));
      const sent = JSON.stringify(first.ok && first.request);
      const second = parseBidRequest(JSON.parse(sent));
      expect(second.ok && JSON.stringify(second.request)).toBe(sent);
    }
  });
});

describe('shown()', () => {
  it('gives something short that JSON can carry', () => {
    fc.assert(
      fc.property(fc.oneof(HOSTILE, fc.jsonValue()), (value) => {
        expect((JSON.stringify(shown(value)) ?? '').length).toBeLessThan(2000);
      }),
      { seed: 3 },
    );
    expect(shown('x'.repeat(500))).toHaveLength(81);
    expect(shown(Array(9).fill(0))).toBe('[9 items]');
    expect(shown({ w: 1, ext: {} })).toBe('{2 fields}');
    expect(shown([300, 'x'])).toEqual([300, 'x']);
    expect(shown(-1e999)).toBe('-Infinity');
  });
});
