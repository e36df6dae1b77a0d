import { describe, expect, it } from 'vitest';
import { setAt } from '../../tests/openrtb/samples.ts';
import { nativeAdErrors } from './native-ad.ts';

function base(): Record<string, unknown> {
  return {
    ver: '1.2',
    link: { url: 'https://acme.example' },
    assets: [
      { title: { text: 'Lamps' } },
      { img: { type: 3, url: 'https://acme.example/1.png', w: 1200, h: 627 } },
      { data: { type: 1, value: 'Acme' } },
      { video: { vasttag: '<VAST version="4.0"></VAST>' } },
    ],
    eventtrackers: [
      { event: 1, method: 1, url: 'https://acme.example/seen.gif' },
      { event: 500, method: 500 },
    ],
  };
}

describe('nativeAdErrors()', () => {
  it('finds none in an ad, wrapped or not', () => {
    expect(nativeAdErrors(JSON.stringify(base()), 'adm')).toEqual([]);
    expect(nativeAdErrors(JSON.stringify({ native: base() }), 'adm')).toEqual([]);
  });

  it.each<[at: string, value: unknown, path?: string]>([
    ['link', undefined],
    ['link.url', ''],
    ['assets', []],
    ['assets', {}],
    ['assets[0]', {}],
    ['assets[0].data', { type: 1, value: 'x' }, 'assets[0]'],
    ['assets[0].title.text', ''],
    ['assets[0].title.text', 5],
    ['assets[1].img.url', ''],
    ['assets[1].img.w', undefined],
    ['assets[1].img.h', 0],
    ['assets[1].img.type', 0],
    ['assets[2].data.type', undefined],
    ['assets[2].data.type', 13],
    ['assets[2].data.value', ''],
    ['assets[3].video.vasttag', 'https://acme.example/vast'],
    ['eventtrackers', {}],
    ['eventtrackers[0].event', 5],
    ['eventtrackers[0].event', undefined],
    ['eventtrackers[0].method', 3],
    ['eventtrackers[0].url', undefined],
    ['eventtrackers[0].url', ''],
  ])('names %s being %j', (at, value, path = at) => {
    const json = base();
    setAt(json, at, value);
    expect(nativeAdErrors(JSON.stringify(json), 'adm')).toMatchObject([
      { path: `adm.${path}`, severity: 'error', allowed: expect.stringMatching(/./) },
    ]);
  });

  it.each(['<b>ad</b>', '', '5'])('says of %j that it is none', (adm) => {
    expect(nativeAdErrors(adm, 'adm')).toMatchObject([{ path: 'adm', value: adm }]);
  });
});
