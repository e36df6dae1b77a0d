import { describe, expect, it } from 'vitest';
import { setAt } from '../../tests/openrtb/samples.ts';
import type { Finding } from './finding.ts';
import { checkNativeRequest } from './native-request.ts';

const PATH = 'imp[0].native.request';

function base(): Record<string, unknown> {
  return {
    ver: '1.2',
    context: 1,
    contextsubtype: 11,
    plcmttype: 1,
    assets: [
      { id: 1, title: { len: 90 } },
      { id: 2, img: { type: 3, w: 300, h: 157 } },
      { id: 3, video: { mimes: ['video/mp4'], minduration: 1, maxduration: 30, protocols: [2] } },
      { id: 4, data: { type: 1 } },
    ],
    eventtrackers: [{ event: 1, methods: [1, 2] }],
  };
}

function findingsOf(text: string): Finding[] {
  const out: Finding[] = [];
  checkNativeRequest(text, PATH, out);
  return out;
}

function changed(at: string, value: unknown): string {
  const json = base();
  setAt(json, at, value);
  return JSON.stringify(json);
}

const BAD: readonly (readonly [at: string, value: unknown, section: string, path?: string])[] = [
  ['context', 0, 'Native 7.1'],
  ['context', 4, 'Native 7.1'],
  ['context', '1', 'Native 4.1'],
  ['contextsubtype', 20, 'Native 7.2'],
  ['contextsubtype', 16, 'Native 7.2'],
  ['contextsubtype', 1.5, 'Native 4.1'],
  ['plcmttype', 5, 'Native 7.3'],
  ['plcmttype', 0, 'Native 7.3'],
  ['assets', undefined, 'Native 4.1'],
  ['assets', [], 'Native 4.1'],
  ['assets', {}, 'Native 4.1'],
  ['assets', [null], 'Native 4.1', 'assets[0]'],
  ['assets', [{}], 'Native 4.2', 'assets[0]'],
  ['assets', [{ title: { len: 1 }, data: { type: 1 } }], 'Native 4.2', 'assets[0]'],
  ['assets[1].id', 1, 'Native 4.2'],
  ['assets[1].id', undefined, 'Native 4.2'],
  ['assets[0].title.len', 0, 'Native 4.3'],
  ['assets[0].title', {}, 'Native 4.3', 'assets[0].title.len'],
  ['assets[0].title.len', '90', 'Native 4.1'],
  ['assets[0].required', true, 'Native 4.1'],
  ['assets[1].img.mimes', 'image/png', 'Native 4.1'],
  ['assets[3].data.len', '25', 'Native 4.1'],
  ['assets[1].img.w', -1, 'house'],
  ['assets[1].img.hmin', -1, 'house'],
  ['assets[2].video.mimes', [], 'Native 4.5'],
  ['assets[2].video.mimes', [5], 'Native 4.1', 'assets[2].video.mimes[0]'],
  ['assets[2].video.minduration', 0, 'Native 4.5'],
  ['assets[2].video.maxduration', undefined, 'Native 4.5'],
  ['assets[2].video.protocols', [], 'Native 4.5'],
  ['assets[2].video.protocols', [2, 0], 'Native 4.5', 'assets[2].video.protocols[1]'],
  ['assets[3].data.type', 13, 'Native 7.4'],
  ['assets[3].data', {}, 'Native 7.4', 'assets[3].data.type'],
  ['eventtrackers[0].event', 5, 'Native 7.6'],
  ['eventtrackers[0].event', undefined, 'Native 7.6'],
  ['eventtrackers[0].methods', [], 'Native 4.7'],
  ['eventtrackers[0].methods', [1, 3], 'Native 7.7', 'eventtrackers[0].methods[1]'],
];

const ROWS = BAD.map(([at, value, section, path = at]) => ({ at, value, section, path }));

describe('checkNativeRequest() of a text it has met before', () => {
  it('finds the same as the first time', () => {
    const good = JSON.stringify(base());
    const bad = changed('context', 4);
    const found = findingsOf(bad);
    expect(found).toHaveLength(1);
    for (let times = 0; times < 2; times++) {
      expect(findingsOf(good)).toEqual([]);
      expect(findingsOf(bad)).toEqual(found);
    }
  });
});

describe('checkNativeRequest()', () => {
  it('finds nothing wrong with a good request, wrapped as in 1.0 or not', () => {
    expect(findingsOf(JSON.stringify(base()))).toEqual([]);
    expect(findingsOf(JSON.stringify({ native: base() }))).toEqual([]);
  });

  it.each(ROWS)('refuses $at = $value ($section)', ({ at, value, section, path }) => {
    expect(findingsOf(changed(at, value))).toMatchObject([{ path: `${PATH}.${path}`, section }]);
  });

  it.each([
    ['context', 500],
    ['context', 9999],
    ['contextsubtype', 500],
    ['assets[2].video', { mimes: ['v'], minduration: 1, maxduration: 1, protocols: [1, 10] }],
    ['contextsubtype', 501],
    ['contextsubtype', 10],
    ['plcmttype', 777],
    ['assets[3].data.type', 500],
    ['eventtrackers', [{ event: 500, methods: [501] }]],
    ['eventtrackers', undefined],
    ['contextsubtype', undefined],
    ['context', undefined],
    ['assets', [{ title: { len: 1 } }, { data: { type: 12 } }]],
    ['newfield', { x: 1 }],
  ])('accepts %s = %j', (at, value) => {
    expect(findingsOf(changed(at, value))).toEqual([]);
  });

  it('takes null for absent, with a warning', () => {
    const assets = [{ id: 1, title: { len: 90 }, img: null, data: null }];
    expect(findingsOf(JSON.stringify({ ...base(), context: null, assets }))).toMatchObject([
      { path: `${PATH}.context`, value: null, severity: 'warning' },
      { path: `${PATH}.assets[0].img`, severity: 'warning' },
      { path: `${PATH}.assets[0].data`, severity: 'warning' },
    ]);
    expect(findingsOf('{"assets":null}')).toMatchObject([
      { path: `${PATH}.assets`, value: null, severity: 'error' },
    ]);
  });

  it('warns of a video protocol newer than the API', () => {
    expect(findingsOf(changed('assets[2].video.protocols', [2, 13])))
      .toMatchObject([{ severity: 'warning' }]);
    expect(findingsOf(changed('assets[2].video.protocols', [0])))
      .toMatchObject([{ severity: 'error' }]);
  });

  it.each(['', '{', 'null', '1', '"{}"', '{"native":null}', '['.repeat(100) + ']'.repeat(100)])(
    'refuses the text %j',
    (text) => expect(findingsOf(text).length).toBeGreaterThan(0),
  );
});
