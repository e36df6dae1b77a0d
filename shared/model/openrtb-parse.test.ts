import { describe, expect, it } from 'vitest';
import { SAMPLES, setAt } from '../../tests/openrtb/samples.ts';
import { FINDINGS_MAX } from './finding.ts';
import { ID_LENGTH_MAX } from './openrtb-checks.ts';
import { IMP_COUNT_MAX, parseBidRequest } from './openrtb-parse.ts';

type Json = Record<string, unknown>;

function base(): Json {
  return {
    id: 'r',
    imp: [{ id: '1', banner: { w: 300, h: 250 } }],
    site: { id: 's' },
  };
}

function findingsOf(json: unknown) {
  const result = parseBidRequest(json);
  return result.ok ? [] : result.findings;
}

const ABSENT = undefined;
const VIDEO = { mimes: ['video/mp4'] };
const LONE = 'a\ud800b';
const CYCLE_FREE_DEEP = [[[[1]]]];

/** What to set where, the path that must be named first (the same, unless given), and the section. */
const BAD: readonly (readonly [at: string, value: unknown, section: string, path?: string])[] = [
  // The request itself
  ['id', ABSENT, '3.2.1'],
  ['id', '', '3.2.1'],
  ['id', 7, '3.2.1'],
  ['id', null, '3.2.1'],
  ['id', LONE, 'house'],
  ['id', 'x'.repeat(ID_LENGTH_MAX + 1), 'house'],
  ['imp', ABSENT, '3.2.1'],
  ['imp', null, '3.2.1'],
  ['imp', {}, '3.2.1'],
  ['imp', [], '3.2.1'],
  ['imp', Array(IMP_COUNT_MAX + 1).fill({ id: '1', banner: { w: 1, h: 1 } }), 'house'],
  ['imp', [null], '3.2.4', 'imp[0]'],
  ['imp', ['1'], '3.2.4', 'imp[0]'],
  ['at', '2', '3.2.1'],
  ['at', 1.5, '3.2.1'],
  ['tmax', -1, 'house'],
  ['tmax', 99.5, '3.2.1'],
  ['tmax', 1e999, '3.2.1'],
  ['test', 2, '3.2.1'],
  ['test', true, '3.2.1'],
  ['cur', ['EUR'], 'house'],
  ['cur', 'USD', '3.2.1'],
  ['cur', ['USD', 1], '3.2.1', 'cur[1]'],
  ['bcat', ['IAB1', null], '3.2.1', 'bcat[1]'],
  ['badv', { 0: 'a.example' }, '3.2.1'],
  ['bapp', [{}], '3.2.1', 'bapp[0]'],
  ['cattax', 'x', '3.2.1'],
  ['ext', [], '3.2.1'],
  ['ext', 'x', '3.2.1'],
  // Where the ad is
  ['site', ABSENT, 'house'],
  ['site', [], '3.2.1'],
  ['site', 'news.example', '3.2.1'],
  ['site', {}, 'house', 'site.page'],
  ['site', { id: '', page: '' }, 'house', 'site.page'],
  ['site.id', LONE, 'house'],
  ['site.domain', LONE, 'house'],
  ['site.publisher.id', LONE, 'house'],
  ['site.domain', 1, '3.2.13'],
  ['site.cat', ['IAB1', 2], '3.2.13', 'site.cat[1]'],
  ['site.publisher', 'p', '3.2.13'],
  ['site.publisher.id', 8, '3.2.15'],
  ['site.content', 'a film', '3.2.13'],
  ['app', { bundle: 'b' }, '3.2.13', 'site'],
  ['dooh', { id: 'd' }, '3.2.13', 'site'],
  ['dooh.venuetype', 'mall', '3.2.32'],
  // The imp
  ['imp[0].id', ABSENT, '3.2.4'],
  ['imp[0].id', '', '3.2.4'],
  ['imp[0].id', 1, '3.2.4'],
  ['imp[0].id', LONE, 'house'],
  ['imp[0].banner', ABSENT, '3.2.4', 'imp[0]'],
  ['imp[0].banner', [], '3.2.4'],
  ['imp[0].tagid', 5, '3.2.4'],
  ['imp[0].tagid', LONE, 'house'],
  ['imp[0].bidfloor', -0.01, 'house'],
  ['imp[0].bidfloor', '0.5', '3.2.4'],
  ['imp[0].bidfloor', 'NaN', '3.2.4'],
  ['imp[0].bidfloor', 1e999, '3.2.4'],
  ['imp[0].bidfloor', 1e300, 'house'],
  ['imp[0].bidfloorcur', 'EUR', 'house'],
  ['imp[0].bidfloorcur', 'usd', 'house'],
  ['imp[0].instl', '1', '3.2.4'],
  ['imp[0].secure', true, '3.2.4'],
  ['imp[0].exp', 1.5, '3.2.4'],
  ['imp[0].ext', 'x', '3.2.4'],
  ['imp[0].metric', [{ value: 1 }], '3.2.5', 'imp[0].metric[0].type'],
  ['imp[0].metric', [{ type: '', value: 1 }], '3.2.5', 'imp[0].metric[0].type'],
  ['imp[0].metric', [{ type: 'v' }], '3.2.5', 'imp[0].metric[0].value'],
  ['imp[0].metric', [{ type: 'v', value: '1' }], '3.2.5', 'imp[0].metric[0].value'],
  ['imp[1]', { id: '1', video: VIDEO }, '3.2.4', 'imp[1].id'],
  // Banner
  ['imp[0].banner.w', -300, 'house'],
  ['imp[0].banner.h', -1, 'house'],
  ['imp[0].banner.w', 0, 'house'],
  ['imp[0].banner.h', ABSENT, 'house'],
  ['imp[0].banner', {}, 'house', 'imp[0].banner.w'],
  ['imp[0].banner', { format: [] }, 'house', 'imp[0].banner.w'],
  ['imp[0].banner.w', 300.5, '3.2.6'],
  ['imp[0].banner.w', '300', '3.2.6'],
  ['imp[0].banner.w', 2 ** 53, '3.2.6'],
  ['imp[0].banner.wmin', 100, 'house'],
  ['imp[0].banner.wmax', 100, 'house'],
  ['imp[0].banner.hmin', 100, 'house'],
  ['imp[0].banner.hmax', 100, 'house'],
  ['imp[0].banner.battr', [1, '2'], '3.2.6', 'imp[0].banner.battr[1]'],
  ['imp[0].banner.battr', CYCLE_FREE_DEEP, '3.2.6', 'imp[0].banner.battr[0]'],
  ['imp[0].banner.mimes', 'image/png', '3.2.6'],
  ['imp[0].banner.format', { w: 1, h: 1 }, '3.2.6'],
  ['imp[0].banner.format', [300], '3.2.10', 'imp[0].banner.format[0]'],
  ['imp[0].banner.format', [{}], 'house', 'imp[0].banner.format[0].w'],
  ['imp[0].banner.format', [{ w: 300 }], 'house', 'imp[0].banner.format[0].h'],
  ['imp[0].banner.format', [{ w: 300, h: 0 }], 'house', 'imp[0].banner.format[0].h'],
  ['imp[0].banner.format', [{ w: -1, h: 50 }], 'house', 'imp[0].banner.format[0].w'],
  ['imp[0].banner.format', [{ w: 0, h: 50 }], 'house', 'imp[0].banner.format[0].w'],
  [
    'imp[0].banner.format',
    [{ wmin: 0, wratio: 1, hratio: 1 }],
    'house',
    'imp[0].banner.format[0].wmin',
  ],
  ['imp[0].banner.format', [{ wmin: 9, hratio: 9 }], 'house', 'imp[0].banner.format[0].wratio'],
  ['imp[0].banner.format', [{ w: 1, h: 1, wmin: 1 }], 'house', 'imp[0].banner.format[0]'],
  [
    'imp[0].banner.format',
    [{ w: 1, h: 1 }, { w: 1, h: 1, wmin: 1, wratio: 1, hratio: 1 }],
    'house',
    'imp[0].banner.format[1]',
  ],
  // Video and audio
  ['imp[0].video', {}, '3.2.7', 'imp[0].video.mimes'],
  ['imp[0].video', { mimes: [] }, '3.2.7', 'imp[0].video.mimes'],
  ['imp[0].video', { mimes: 'video/mp4' }, '3.2.7', 'imp[0].video.mimes'],
  ['imp[0].video', { mimes: ['video/mp4', 4] }, '3.2.7', 'imp[0].video.mimes[1]'],
  ['imp[0].video', { ...VIDEO, w: -1 }, 'house', 'imp[0].video.w'],
  ['imp[0].video', { ...VIDEO, minduration: -5 }, 'house', 'imp[0].video.minduration'],
  ['imp[0].video', { ...VIDEO, minbitrate: -5 }, 'house', 'imp[0].video.minbitrate'],
  ['imp[0].video', { ...VIDEO, maxbitrate: -5 }, 'house', 'imp[0].video.maxbitrate'],
  ['imp[0].video', { ...VIDEO, sequence: -1 }, 'house', 'imp[0].video.sequence'],
  ['imp[0].video', { ...VIDEO, maxseq: -1 }, 'house', 'imp[0].video.maxseq'],
  [
    'imp[0].video',
    { ...VIDEO, rqddurs: [15], minduration: 5 },
    '3.2.7',
    'imp[0].video.minduration',
  ],
  [
    'imp[0].video',
    { ...VIDEO, rqddurs: [15], maxduration: 5 },
    '3.2.7',
    'imp[0].video.maxduration',
  ],
  ['imp[0].video', { ...VIDEO, rqddurs: [15, 0] }, 'house', 'imp[0].video.rqddurs[1]'],
  ['imp[0].video', { ...VIDEO, mincpmpersec: -1 }, 'house', 'imp[0].video.mincpmpersec'],
  [
    'imp[0].video',
    { ...VIDEO, mincpmpersec: 1, durfloors: [{ mindur: 1 }] },
    '3.2.7',
    'imp[0].video.durfloors',
  ],
  ['imp[0].video', { ...VIDEO, durfloors: [{}] }, '3.2.35', 'imp[0].video.durfloors[0]'],
  [
    'imp[0].video',
    { ...VIDEO, durfloors: [{ mindur: 1, bidfloor: -2 }] },
    'house',
    'imp[0].video.durfloors[0].bidfloor',
  ],
  [
    'imp[0].video',
    { ...VIDEO, companionad: [{ w: -300 }] },
    'house',
    'imp[0].video.companionad[0].w',
  ],
  ['imp[0].audio', {}, '3.2.8', 'imp[0].audio.mimes'],
  ['imp[0].audio', { mimes: [] }, '3.2.8', 'imp[0].audio.mimes'],
  [
    'imp[0].audio',
    { mimes: ['audio/mp4'], rqddurs: [1], maxduration: 1 },
    '3.2.8',
    'imp[0].audio.maxduration',
  ],
  // Native (its own request is tested in native-request.test.ts)
  ['imp[0].native', {}, '3.2.9', 'imp[0].native.request'],
  ['imp[0].native', { request: { assets: [] } }, '3.2.9', 'imp[0].native.request'],
  ['imp[0].native', { request: '{' }, '3.2.9', 'imp[0].native.request'],
  // Deals
  ['imp[0].pmp', [], '3.2.4'],
  ['imp[0].pmp.private_auction', 2, '3.2.11'],
  ['imp[0].pmp.deals', { id: 'd' }, '3.2.11'],
  ['imp[0].pmp.deals', [{}], '3.2.12', 'imp[0].pmp.deals[0].id'],
  ['imp[0].pmp.deals', [{ id: '' }], '3.2.12', 'imp[0].pmp.deals[0].id'],
  ['imp[0].pmp.deals', [{ id: 'd', bidfloor: -1 }], 'house', 'imp[0].pmp.deals[0].bidfloor'],
  [
    'imp[0].pmp.deals',
    [{ id: 'd', bidfloorcur: 'GBP' }],
    'house',
    'imp[0].pmp.deals[0].bidfloorcur',
  ],
  ['imp[0].pmp.deals', [{ id: 'd', at: '3' }], '3.2.12', 'imp[0].pmp.deals[0].at'],
  ['imp[0].pmp.deals', [{ id: 'd', wseat: [1] }], '3.2.12', 'imp[0].pmp.deals[0].wseat[0]'],
  [
    'imp[0].pmp.deals',
    [{ id: 'd', mincpmpersec: 1, durfloors: [{ maxdur: 1 }] }],
    '3.2.12',
    'imp[0].pmp.deals[0].durfloors',
  ],
  // Device, user, regulations, source
  ['device', 'phone', '3.2.1'],
  ['device.w', -1, 'house'],
  ['device.h', -1, 'house'],
  ['device.ppi', -1, 'house'],
  ['device.devicetype', '2', '3.2.18'],
  ['device.ua', {}, '3.2.18'],
  ['device.geo', [], '3.2.18'],
  ['device.geo.accuracy', -1, 'house'],
  ['device.geo.lat', '52.5', '3.2.19'],
  ['device.geo.country', LONE, 'house'],
  ['user.id', 12, '3.2.20'],
  ['user.id', LONE, 'house'],
  ['user.buyeruid', LONE, 'house'],
  ['user.geo.country', LONE, 'house'],
  ['user.consent', 1, '3.2.20'],
  ['user.geo.accuracy', -1, 'house'],
  ['user.eids', [1], '3.2.20', 'user.eids[0]'],
  ['regs.gdpr', 2, '3.2.3'],
  ['regs.gdpr', '1', '3.2.3'],
  ['regs.coppa', -1, '3.2.3'],
  ['regs.ext', 'dsa', '3.2.3'],
  ['regs.gpp', 5, '3.2.3'],
  ['source.schain', '1.0,1', '3.2.2'],
];

const ROWS = BAD.map(([at, value, section, path = at]) => ({ at, value, section, path }));

describe('parseBidRequest() names the field at fault', () => {
  it.each(ROWS)('$at = $value ($section)', ({ at, value, section, path }) => {
    const json = base();
    setAt(json, at, value);
    const [first] = findingsOf(json);
    expect(first).toMatchObject({ path, section, severity: 'error' });
    expect(first!.allowed).not.toBe('');
  });

  it.each([undefined, null, true, 7, 'text', [], [base()]])('the whole body %j', (json) => {
    expect(findingsOf(json)).toMatchObject([{ path: '', allowed: 'a JSON object' }]);
  });

  it.each(
    [
      [['acat', ['IAB1']], ['bcat', ['IAB2']]],
      [['wseat', ['a']], ['bseat', ['b']]],
      [['wlang', ['en']], ['wlangb', ['en-US']]],
    ] as const,
  )('%j beside %j', ([one, some], [other, more]) => {
    const json = { ...base(), [one]: some, [other]: more };
    expect(findingsOf(json)).toMatchObject([{ path: other, section: '3.2.1' }]);
  });

  it('an app beside a screen, and both beside a site once', () => {
    const json = { ...base(), app: { bundle: 'b' }, dooh: { id: 'd' } };
    expect(findingsOf(json)).toMatchObject([{ path: 'site', section: '3.2.13' }]);
    expect(findingsOf({ ...json, site: undefined })).toMatchObject([{ path: 'app' }]);
  });

  it('a screen without id and venue', () => {
    const json = { ...base(), site: undefined, dooh: {} };
    expect(findingsOf(json)).toMatchObject([{ path: 'dooh.id' }]);
  });
});

describe('parseBidRequest() findings', () => {
  it('show the value that was found, and null as null', () => {
    expect(findingsOf({ ...base(), tmax: -5 })).toMatchObject([{ value: -5 }]);
    expect(findingsOf({ ...base(), id: null })).toMatchObject([{ path: 'id', value: null }]);
    expect(findingsOf({ ...base(), tmax: 1e999 })).toMatchObject([{ value: 'Infinity' }]);
  });

  it('list all errors, and no more than can be read', () => {
    const json = base();
    for (const path of ['imp[0].banner.w', 'tmax', 'device.w']) setAt(json, path, -1);
    expect(findingsOf(json).map(({ path }) => path)).toEqual([
      'imp[0].banner.w',
      'tmax',
      'device.w',
    ]);
    const imp = Array.from({ length: IMP_COUNT_MAX }, () => ({ id: 7 }));
    expect(findingsOf({ ...base(), imp })).toHaveLength(FINDINGS_MAX);
  });

  it('name the first error only of a request with thousands of values', () => {
    const eids = Array(5000).fill(7);
    expect(findingsOf({ ...base(), user: { eids } })).toMatchObject([{ path: 'user.eids[0]' }]);
    expect(findingsOf({ ...base(), user: { eids: [7, 8] } })).toHaveLength(2);
  });

  it('take what a list of advertisers must mean, and say so', () => {
    const json = base();
    json['badv'] = [
      'https://ford.example/cars?a=1',
      'WWW.Seat.example',
      '*.bmw.example',
      'VW.example',
      'kia.example',
      'a.example, b.example',
    ];
    const result = parseBidRequest(json);
    expect(result).toMatchObject({
      ok: true,
      request: {
        badv: [
          ...['ford.example', 'seat.example', 'bmw.example', 'vw.example', 'kia.example'],
          'a.example, b.example',
        ],
      },
      warnings: [
        { path: 'badv[0]', value: 'https://ford.example/cars?a=1', fix: 'Taken as ford.example' },
        { path: 'badv[1]' },
        { path: 'badv[2]', fix: 'Taken as bmw.example' },
        { path: 'badv[5]', fix: 'It blocks nobody' },
      ],
    });
  });

  it('take names in other scripts as the DNS has them, and say nothing of it', () => {
    const json = base();
    json['badv'] = ['Bücher.example'];
    const pmp = { deals: [{ id: 'd', wadomain: ['straße.example', 'Ford.com'] }] };
    (json['imp'] as object[])[0] = { ...(json['imp'] as object[])[0], pmp };
    const deal = { wadomain: ['xn--strae-oqa.example', 'Ford.com'] };
    expect(parseBidRequest(json)).toMatchObject({
      ok: true,
      request: { badv: ['xn--bcher-kva.example'], imp: [{ pmp: { deals: [deal] } }] },
      warnings: [],
    });
  });

  it('say that categories of another taxonomy are compared as they are', () => {
    expect(parseBidRequest({ ...base(), bcat: ['223'], cattax: 6 }))
      .toMatchObject({ ok: true, warnings: [{ path: 'cattax', value: 6 }] });
    expect(parseBidRequest({ ...base(), cattax: 6 })).toMatchObject({ warnings: [] });
    expect(parseBidRequest({ ...base(), bcat: ['IAB1'], cattax: 1 })).toMatchObject({
      warnings: [],
    });
  });

  it('put errors before warnings, because the first decides', () => {
    const severities = findingsOf({ ...base(), at: 7, regs: { gdpr: 7 } }).map((f) => f.severity);
    expect(severities).toEqual(['error', 'warning']);
  });

  it('say how to give another currency', () => {
    const [first] = findingsOf({ ...base(), cur: ['EUR'] });
    expect(first!.fix).toContain('not converted');
  });
});

describe('parseBidRequest() accepts', () => {
  it.each(SAMPLES)('$name, without a warning', ({ name, text }) => {
    const result = parseBidRequest(JSON.parse(text));
    // Categories of a taxonomy that nobody knows.
    const warnings = name === 'unknown-everything' ? [{ path: 'cattax' }] : [];
    expect(result).toMatchObject({ ok: true, warnings });
  });

  it.each(SAMPLES)('$name, keeping all it carries', ({ text }) => {
    const json = JSON.parse(text);
    const result = parseBidRequest(json);
    expect(result.ok && result.request).toBe(json);
    expect(json).toMatchObject(JSON.parse(text));
  });

  it.each([
    ['at', 500],
    ['at', 3],
    ['at', -7],
    ['device.geo.lat', 91],
    ['device.geo.lon', -181],
    ['imp[0].pmp', { private_auction: 1 }],
    ['imp[0].pmp', { deals: [{ id: 'd' }, { id: 'd' }] }],
    ['imp[0].pmp', { deals: [{ id: 'd', at: 3 }] }],
    ['imp[0].video', { ...VIDEO, minduration: 30, maxduration: 15 }],
  ])('%s = %j with a warning', (at, value) => {
    const json = base();
    setAt(json, at, value);
    const result = parseBidRequest(json);
    expect(result.ok && result.warnings).toMatchObject([{ severity: 'warning' }]);
  });

  it.each([
    ['device.devicetype', 4711],
    ['imp[0].banner.pos', -3],
    ['imp[0].banner.battr', [99999]],
    ['imp[0].video', { ...VIDEO, plcmt: 77, protocols: [500] }],
    ['imp[0].pmp', { deals: [{ id: 'd', at: 99 }] }],
    ['newfield', { x: [null] }],
    ['imp[0].banner.h', 250.0],
    ['imp[0].bidfloorcur', ''],
    ['cur', []],
    ['tmax', 0],
    ['id', 'x'.repeat(ID_LENGTH_MAX)],
    ['device', { w: 0, h: 0, ppi: 0, geo: { accuracy: 0, lat: -90, lon: 180 } }],
    ['imp[0].video', { ...VIDEO, w: 0, maxseq: 0, minduration: 15, maxduration: 15 }],
    ['imp[0].video', { ...VIDEO, rqddurs: [1], durfloors: [{ mindur: 0 }, { maxdur: 0 }] }],
    ['imp[0].bidfloor', 1_000_000],
  ])('%s = %j without one', (at, value) => {
    const json = base();
    setAt(json, at, value);
    expect(parseBidRequest(json)).toMatchObject({ ok: true, warnings: [] });
  });

  it('a screen with a venue only, and an app that names nothing', () => {
    const json = { ...base(), site: undefined };
    expect(findingsOf({ ...json, dooh: { venuetype: ['mall'] } })).toEqual([]);
    expect(findingsOf({ ...json, dooh: { id: 'd' } })).toEqual([]);
    expect(findingsOf({ ...json, app: {} })).toEqual([]);
  });

  it('an interstitial without a size', () => {
    expect(findingsOf({ ...base(), imp: [{ id: '1', instl: 1, banner: {} }] })).toEqual([]);
  });

  it('as many imps as are allowed', () => {
    const imp = Array.from({ length: IMP_COUNT_MAX }, (_, i) => ({
      id: String(i),
      banner: { w: 1, h: 1 },
    }));
    expect(findingsOf({ ...base(), imp })).toEqual([]);
  });

  it('null for a field that may be absent, and takes it as absent', () => {
    const json = { ...base(), user: null, bcat: null, ext: null, vnext: null };
    setAt(json, 'imp[0].video', null);
    const result = parseBidRequest(json);
    expect(result.ok && result.warnings.map(({ path }) => path).sort())
      .toEqual(['bcat', 'ext', 'imp[0].video', 'user']);
    expect(result.ok && Object.keys(result.request)).not.toContain('user');
    expect(json.vnext).toBeNull();
  });
});

describe('parseBidRequest() fills in', () => {
  it('the defaults the exchange relies on', () => {
    const json = base();
    setAt(json, 'imp[0].pmp', { deals: [{ id: 'd' }] });
    const result = parseBidRequest(json);
    expect(result.ok && result.request).toEqual({
      ...base(),
      at: 2,
      imp: [{
        id: '1',
        banner: { w: 300, h: 250 },
        bidfloorcur: 'USD',
        pmp: { deals: [{ id: 'd', bidfloorcur: 'USD' }] },
      }],
    });
  });

  it('nothing where there is a value, and no floor where none is named', () => {
    const json = { ...base(), at: 1 };
    setAt(json, 'imp[1]', { id: '2', bidfloor: 1.25, banner: { w: 1, h: 1 } });
    const result = parseBidRequest(json);
    expect(result.ok && result.request.at).toBe(1);
    expect(result.ok && result.request.imp.map(({ bidfloor }) => bidfloor))
      .toEqual([undefined, 1.25]);
  });

  it('0 for a floor of -0', () => {
    const json = JSON.parse('{"id":"r","imp":[{"id":"1","bidfloor":-0,"banner":{"w":1,"h":1}}]}');
    const result = parseBidRequest({ ...json, site: { id: 's' } });
    expect(result.ok && Object.is(result.request.imp[0]!.bidfloor, 0)).toBe(true);
  });

  it('2 for an auction type it does not have', () => {
    const result = parseBidRequest({ ...base(), at: 600 });
    expect(result.ok && result.request.at).toBe(2);
  });
});

describe('parseBidRequest() hostile keys', () => {
  const KEYS = ['__proto__', 'constructor', 'prototype', 'hasOwnProperty', 'toString', 'valueOf'];

  it.each(KEYS)('%s at every level changes nothing else', (key) => {
    const evil = `"${key}":{"polluted":1,"test":1,"banner":{}},`;
    const text = JSON.stringify(base()).replaceAll('{', `{${evil}`).replaceAll(',}', '}');
    const result = parseBidRequest(JSON.parse(text));
    expect(result.ok).toBe(true);
    expect(result.ok && result.request.test).toBeUndefined();
    expect(({} as Json).polluted).toBeUndefined();
  });

  it('a field is not read from a prototype', () => {
    const text =
      '{"id":"r","imp":[{"id":"1","__proto__":{"banner":{"w":1,"h":1}}}],"site":{"id":"s"}}';
    expect(findingsOf(JSON.parse(text))).toMatchObject([{ path: 'imp[0]' }]);
  });
});
