import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { IMP_COUNT_MAX, parseBidRequest } from '#shared/model/openrtb-parse.ts';
import { setAt } from '../../tests/openrtb/samples.ts';
import { parseSimpleBid } from './simple-bid.ts';

const makeId = () => 'made-1';

function base(): Record<string, unknown> {
  return {
    request_id: 'demo-001',
    user_id: 'user-001',
    site: { domain: 'example.com' },
    device: { ip: '192.0.2.1' },
    ad_slots: [{ id: '1', min_bid: 0.2, format: ['300x250'] }],
  };
}

function requestOf(json: unknown) {
  const result = parseSimpleBid(json, makeId);
  if (!result.ok) throw new Error(JSON.stringify(result.findings));
  return result.request;
}

const LONE = '\ud800';

const BAD: readonly (readonly [at: string, value: unknown, path?: string])[] = [
  ['request_id', 7],
  ['request_id', ''],
  ['request_id', LONE],
  ['user_id', 7],
  ['user_id', LONE],
  ['site', undefined],
  ['site', 'example.com'],
  ['site', {}, 'site.domain'],
  ['site.domain', ''],
  ['site.domain', 'https://example.com/'],
  ['site.domain', 'example.com/news'],
  ['site.domain', 'a b'],
  ['site.domain', LONE],
  ['site.page', 5],
  ['site.cat', ['IAB1', 2], 'site.cat[1]'],
  ['app', { bundle: 'x' }, 'site'],
  ['app', 'x'],
  ['device', []],
  ['device.ip', 5],
  ['device.w', -1],
  ['user', 'user-001'],
  ['user.geo', 'DEU'],
  ['regs', 1],
  ['regs.gdpr', 2],
  ['tmax', -1],
  ['tmax', '100'],
  ['test', 2],
  ['ad_slots', []],
  ['ad_slots', {}],
  ['ad_slots', Array(IMP_COUNT_MAX + 1).fill({ id: '1' })],
  ['ad_slots', [null], 'ad_slots[0]'],
  ['ad_slots', [{}], 'ad_slots[0].id'],
  ['ad_slots[0].id', 1],
  ['ad_slots[0].id', ''],
  ['ad_slots[1]', { id: '1' }, 'ad_slots[1].id'],
  ['ad_slots[0].min_bid', -0.1],
  ['ad_slots[0].min_bid', '0.2'],
  ['ad_slots[0].min_bid', 1e999],
  ['ad_slots[0].format', '300x250'],
  ['ad_slots[0].format', []],
  ['ad_slots[0].format', ['300x250', 5], 'ad_slots[0].format[1]'],
  ['ad_slots[0].format', ['300X250'], 'ad_slots[0].format[0]'],
  ['ad_slots[0].format', ['0x250'], 'ad_slots[0].format[0]'],
  ['ad_slots[0].format', ['-300x250'], 'ad_slots[0].format[0]'],
  ['ad_slots[0].format', ['300x250', '300'], 'ad_slots[0].format[1]'],
  ['ad_slots[0].format', ['300x250px'], 'ad_slots[0].format[0]'],
];

const ROWS = BAD.map(([at, value, path = at]) => ({ at, value, path }));

describe('parseSimpleBid()', () => {
  it('translates a request to OpenRTB', () => {
    expect(requestOf(base())).toEqual({
      id: 'demo-001',
      at: 2,
      imp: [{
        id: '1',
        banner: { format: [{ w: 300, h: 250 }] },
        bidfloor: 0.2,
        bidfloorcur: 'USD',
      }],
      site: { domain: 'example.com', page: 'https://example.com/' },
      device: { ip: '192.0.2.1' },
      user: { id: 'user-001' },
    });
  });

  it('takes a site alone: one slot of 300x250 without a floor, and an id of its own', () => {
    expect(requestOf({ site: { domain: 'example.com' } })).toMatchObject({
      id: 'made-1',
      imp: [{ id: '1', banner: { format: [{ w: 300, h: 250 }] } }],
    });
    expect(requestOf({ site: { domain: 'example.com' } }).imp[0]).not.toHaveProperty('bidfloor');
  });

  it('takes null for what may be absent', () => {
    const json = { site: { domain: 'e.example' }, user_id: null, device: null, ad_slots: null };
    expect(requestOf(json).imp).toHaveLength(1);
    expect(requestOf(json)).not.toHaveProperty('user');
  });

  it('passes on what site, app, device and user say, known or not', () => {
    const site = { domain: 'e.example:8080', page: 'https://e.example/x', cat: ['IAB1'], x: 1 };
    const device = { ua: 'Mozilla', geo: { country: 'DEU' }, y: [2] };
    const user = { id: 'other', keywords: 'cycling', ext: { z: 3 } };
    expect(requestOf({ ...base(), site, device, user, strange: 4 })).toMatchObject({
      site,
      device,
      user: { ...user, id: 'user-001' },
    });
    expect(requestOf({ app: { bundle: 'com.e' }, user })).toMatchObject({ app: {}, user });
  });

  it('passes on what the law asks of whoever knows the user', () => {
    const regs = { gdpr: 1, coppa: 0, ext: { z: 3 } };
    expect(requestOf({ ...base(), regs })).toMatchObject({ regs });
  });

  it('passes on tmax and test', () => {
    expect(requestOf({ ...base(), tmax: 80, test: 1 })).toMatchObject({ tmax: 80, test: 1 });
  });

  it.each(ROWS)('refuses $at = $value by its name in the simple form', ({ at, value, path }) => {
    const json = base();
    setAt(json, at, value);
    const result = parseSimpleBid(json, makeId);
    expect(result.ok ? [] : result.findings).toMatchObject([{ path, severity: 'error' }]);
  });

  it.each([undefined, null, 'x', 1, []])('refuses the whole body %j', (json) => {
    expect(parseSimpleBid(json, makeId)).toMatchObject({ ok: false, findings: [{ path: '' }] });
  });

  it('makes requests that pass as OpenRTB, or names a field of its own', () => {
    const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
    /** Mostly the first, so that about half of the requests are good. */
    const rarely = (good: readonly unknown[], bad: readonly unknown[]) =>
      fc.oneof(
        { arbitrary: fc.constantFrom(...good), weight: 25 },
        { arbitrary: fc.constantFrom(...bad), weight: 1 },
      );
    const text = rarely(['a.example', 'b.example:80', 'x'], ['', 'a b', '\ud800', 5, null]);
    const size = rarely(['300x250', '728x90', '1x99999'], ['0x1', 'x', 300]);
    const slot = fc.record({
      id: rarely(['1', '2', '3', '4', '5', '6'], ['', 7]),
      min_bid: maybe(rarely([0, -0, 0.5, 1e-9], [1e7, -1, NaN, '1'])),
      format: maybe(fc.array(size, { minLength: 1, maxLength: 3 })),
    });
    const json = fc.record({
      request_id: maybe(text),
      user_id: maybe(text),
      site: fc.record({ domain: text }),
      device: maybe(fc.record({ ip: text, ua: text, w: rarely([0, 1920], [-1, 0.5]) })),
      user: maybe(fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 2 })),
      ad_slots: maybe(fc.array(slot, { minLength: 1, maxLength: 3 })),
      tmax: maybe(rarely([0, 100], [-1, 1.5])),
    });
    const tally = { ok: 0, refused: 0 };
    fc.assert(
      fc.property(json, (given) => {
        const result = parseSimpleBid(given, makeId);
        tally[result.ok ? 'ok' : 'refused']++;
        if (result.ok) {
          expect(parseBidRequest(structuredClone(result.request)).ok).toBe(true);
        } else {
          expect(result.findings.length).toBeGreaterThan(0);
          for (const { path } of result.findings) expect(path).not.toMatch(/^(imp|id)\b/);
        }
      }),
      { numRuns: 1000, seed: 17 },
    );
    expect(Math.min(tally.ok, tally.refused)).toBeGreaterThan(200);
  });
});
