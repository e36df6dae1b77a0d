import { describe, expect, test } from 'vitest';
import { demoCatalog } from '#shared/demo/catalog.ts';
import { applyChange, type Catalog, emptyCatalog } from '#shared/model/catalog.ts';
import { parseEntity } from './admin-entity.ts';
import { OPEN_KINDS, type OpenKind } from './admin-shapes.ts';

const demo = emptyCatalog();
for (const change of demoCatalog(0)) applyChange(demo, change);

const CAMPAIGN = {
  name: 'Acme autumn',
  seat: 'atlas',
  active: true,
  adomain: ['acme.example'],
  cat: ['IAB18'],
  baseCpmMicros: 2_500_000,
  targeting: { interests: ['fashion'] },
};
const BANNER = {
  campaignId: 'lumen-lamps',
  type: 'banner',
  w: 300,
  h: 250,
  adm: '<b>ad</b>',
  active: true,
};
const VIDEO = { ...BANNER, type: 'video', dur: 15, mimes: ['video/mp4'] };
const NATIVE = {
  campaignId: 'lumen-lamps',
  type: 'native',
  adm: '{"link":{"url":"https://a.example"},"assets":[{"title":{"text":"Lamps"}}]}',
  active: true,
};
const BIDDER = { name: 'Acme', group: 'house', active: true };
const PUBLISHER = { name: 'Acme News', active: true };
const KEY = { role: 'publisher', owner: 'demo', name: 'Acme', hash: 'a'.repeat(64) };

/** `path: value: allowed` of all findings. */
function faults(kind: OpenKind, json: unknown, id = 'x1', catalog: Catalog = demo): string[] {
  const parsed = parseEntity(kind, id, json, catalog);
  if (parsed.ok) return [];
  for (const finding of parsed.findings) {
    expect(finding).toMatchObject({ section: 'house', severity: 'error' });
  }
  return parsed.findings.map(({ path, value, allowed }) =>
    [path, JSON.stringify(value) ?? '-', allowed].join(': ')
  );
}

function without(entity: object, field: string): object {
  return Object.fromEntries(Object.entries(entity).filter(([key]) => key !== field));
}

describe('parseEntity() takes', () => {
  test.each(
    [
      ['bidder', BIDDER],
      ['campaign', CAMPAIGN],
      ['creative', BANNER],
      ['creative', VIDEO],
      ['creative', NATIVE],
      ['publisher', PUBLISHER],
      ['key', KEY],
    ] as const,
  )('a %s, and completes it', (kind, json) => {
    expect(parseEntity(kind, 'x1', json, demo)).toMatchObject({
      ok: true,
      entity: { id: 'x1', ...json },
    });
  });

  test('each entity of the demo as it is read', () => {
    for (const kind of OPEN_KINDS) {
      for (const [id, entity] of demo[kind]) {
        expect(parseEntity(kind, id, entity, demo)).toEqual({ ok: true, entity });
      }
    }
  });

  test('an admin key without an owner', () => {
    const parsed = parseEntity('key', 'x1', without({ ...KEY, role: 'admin' }, 'owner'), demo);
    expect(parsed).toMatchObject({ ok: true, entity: { role: 'admin', owner: '' } });
  });

  test('a campaign of a seat that is not active: both wait', () => {
    const catalog = { ...demo, bidder: new Map([['s', { ...BIDDER, id: 's', active: false }]]) };
    expect(faults('campaign', { ...CAMPAIGN, seat: 's' }, 'x1', catalog)).toEqual([]);
  });

  test('another version of what came in before ids had a rule', () => {
    const odd = { ...BIDDER, id: 'bad id/', group: 'odd group' };
    const catalog = { ...demo, bidder: new Map([['bad id/', odd]]) };
    expect(faults('bidder', { ...odd, active: false }, 'bad id/', catalog)).toEqual([]);
    expect(faults('campaign', { ...CAMPAIGN, seat: 'bad id/' }, 'x1', catalog)).toEqual([]);
  });
});

describe('parseEntity() refuses', () => {
  test('unknown fields at any depth, by name, with those there are', () => {
    const targeting = { interest: ['a'] };
    expect(faults('campaign', { ...CAMPAIGN, targeting, dailyBudget: 5 })).toEqual([
      'targeting.interest: ["a"]: a field of targeting: interests, countries, inventory',
      'dailyBudget: 5: a field of campaign: name, seat, active, adomain, cat, baseCpmMicros, ' +
      'currency, targeting',
    ]);
    expect(faults('creative', { ...BANNER, constructor: 1 })[0]).toMatch(
      /^constructor: 1: a field/,
    );
    expect(faults('creative', { ...BANNER, dur: 15 })[0]).toMatch(/^dur: 15: a field of creative/);
  });

  test.each(
    [
      ['bidder', BIDDER, 'name group active'],
      ['campaign', CAMPAIGN, 'name seat active adomain cat baseCpmMicros targeting'],
      ['creative', BANNER, 'campaignId type w h adm active'],
      ['creative', VIDEO, 'campaignId type w h dur mimes adm active'],
      ['publisher', PUBLISHER, 'name active'],
      ['key', KEY, 'role owner name hash'],
    ] as const,
  )('a %s without one of the fields it needs', (kind, json, fields) => {
    for (const field of fields.split(' ')) {
      expect(faults(kind, without(json, field))).toEqual([
        expect.stringMatching(new RegExp(`^${field}: -: \\S`)),
      ]);
    }
  });

  test('what names something that is not there, with what is', () => {
    expect(faults('campaign', { ...CAMPAIGN, seat: 'nosuchseat' })).toEqual([
      'seat: "nosuchseat": the id of a bidder: atlas, larkspur, meridian, tidewater',
    ]);
    expect(faults('creative', { ...BANNER, campaignId: 'nosuch' })).toEqual([
      'campaignId: "nosuch": the id of a campaign: aurora-trailwear, bluefinch-autumn, ' +
      'copperkettle-pantry, daybreak-reader, fernway-rail, kestrel-roadster, lumen-lamps, ' +
      'marigold-recipes and 8 more',
    ]);
    expect(faults('key', { ...KEY, owner: 'nobody' })[0]).toMatch(
      /^owner: "nobody": the id of a p/,
    );
    expect(faults('key', { ...KEY, role: 'admin' })).toEqual(['owner: "demo": "" or nothing']);
    expect(parseEntity('campaign', 'x1', CAMPAIGN, emptyCatalog())).toMatchObject({
      findings: [{ path: 'seat', fix: 'There is none yet: PUT /admin/bidder/ID comes first' }],
    });
  });

  test('ids and groups that are no names', () => {
    for (const id of ['bad id/', '.', '-x', 'x'.repeat(65), 'ü']) {
      expect(faults('bidder', BIDDER, id)).toEqual([
        `id: ${JSON.stringify(id)}: 1 to 64 letters, digits, ".", "_" or "-", ` +
        'a letter or digit first',
      ]);
    }
    expect(faults('bidder', { ...BIDDER, group: 'my group' })[0])
      .toMatch(/^group: "my group": 1 to 64 letters.*; there are house, partners$/);
    // Such a key could be made, and no request could ever present it.
    expect(faults('key', KEY, 'My_Key')).toHaveLength(1);
  });

  test('a body with the id of another', () => {
    expect(faults('bidder', { ...BIDDER, id: 'other' })).toEqual([
      'id: "other": "x1", as in the address, or nothing',
    ]);
  });

  test.each(
    [
      [CAMPAIGN, 'baseCpmMicros', [2.5, 999, 60_000_000_001, '2500000', null]],
      [CAMPAIGN, 'adomain', [[], 'acme.example', ['https://acme.example/'], ['acme.example.'], [
        'a..b',
      ], ['a&b.example']]],
      [CAMPAIGN, 'cat', ['IAB18', ['']]],
      [CAMPAIGN, 'currency', ['EUR']],
      [CAMPAIGN, 'targeting', [[], { countries: ['DE'] }, { inventory: ['https://a.example'] }]],
      [BANNER, 'w', [0, 65_536, 300.5]],
      [BANNER, 'type', ['popup', 'constructor']],
      [VIDEO, 'dur', [0, 15_000]],
      [VIDEO, 'mimes', [[], ['mp4']]],
      [NATIVE, 'adm', ['', '<b>ad</b>', '{"link":{"url":"https://a.example"},"assets":[]}', 5]],
    ] as const,
  )('values no auction could use: %#', (json, field, values) => {
    const kind = 'seat' in json ? 'campaign' : 'creative';
    for (const value of values) {
      const found = faults(kind, { ...json, [field]: value });
      expect(found).toEqual([expect.stringMatching(new RegExp(`^${field}`))]);
    }
  });

  test('all at once, and no more than a person reads', () => {
    const wrong = { ...CAMPAIGN, seat: 'nosuch', budget: 1, baseCpmMicros: 2.5, active: 'yes' };
    expect(faults('campaign', wrong, 'bad id').map((text) => text.split(':')[0]))
      .toEqual(['id', 'budget', 'active', 'baseCpmMicros', 'seat']);
    const many = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`f${i}`, i]));
    expect(faults('bidder', { ...BIDDER, ...many })).toHaveLength(25);
  });

  test.each([[[]], ['text'], [null], [7]])('a body that is no object: %j', (json) => {
    expect(faults('campaign', json)).toEqual([`: ${JSON.stringify(json)}: a JSON object`]);
  });
});
