import { describe, expect, it } from 'vitest';
import { type AskedAsset, askedNative } from '#shared/model/asked-native.ts';
import { NativeMarkup } from './native-bid.ts';

const VAST = '<VAST version="4.0"><Duration>00:00:15</Duration>' +
  '<MediaFile type="video/mp4"></MediaFile></VAST>';
const AD = {
  ver: '1.2',
  link: { url: 'https://acme.example', clicktrackers: ['https://acme.example/c'] },
  assets: [
    { id: 7, title: { text: 'Lamps for long evenings' } },
    { title: { text: 'Acme' }, link: { url: 'https://acme.example/short' } },
    { img: { url: 'https://acme.example/wide.jpg', w: 1200, h: 627 } },
    { img: { type: 1, url: 'https://acme.example/icon', w: 80, h: 80 } },
    { data: { type: 1, value: 'Acme' } },
    { data: { type: 2, value: 'Ein Licht für später 💡' } },
    { video: { vasttag: VAST } },
  ],
};
const [LONG, SHORT, WIDE, ICON, SPONSOR, DESC, CLIP] = AD.assets.map(({ id: _, ...asset }) =>
  asset
);
const MARKUP = NativeMarkup.of(JSON.stringify(AD))!;

/** What a request with these assets is answered, undefined when the creative does not fit. */
function answerTo(assets: AskedAsset[], markup = MARKUP): { assets: unknown[] } | undefined {
  const asked = askedNative(JSON.stringify({ ver: '1.2', assets }))!;
  return markup.answers(asked) ? JSON.parse(markup.adm(asked)) : undefined;
}
const servedTo = (...assets: AskedAsset[]) => answerTo(assets)?.assets;
const video = { mimes: ['video/mp4'], minduration: 5, maxduration: 30, protocols: [3, 7] };

describe('NativeMarkup', () => {
  it('serves what is asked for, in the order and by the ids of the request', () => {
    const answer = answerTo([
      { id: 20, data: { type: 1 } },
      { id: 10, required: 1, title: { len: 90 } },
    ]);
    expect(answer).toEqual({
      ver: AD.ver,
      link: AD.link,
      assets: [{ id: 20, ...SPONSOR }, { id: 10, ...LONG }],
    });
  });

  it('numbers the assets of a request without ids by their places', () => {
    expect(servedTo({ data: { type: 9 } }, { title: { len: 90 } })).toEqual([{ id: 1, ...LONG }]);
  });

  it('answers a request in the wrapping of version 1.0 in the same', () => {
    const asked = askedNative('{"native":{"assets":[{"id":1,"title":{"len":90}}]}}')!;
    expect(JSON.parse(MARKUP.adm(asked))).toEqual({
      native: { ver: AD.ver, link: AD.link, assets: [{ id: 1, ...LONG }] },
    });
  });

  it.each<[string, AskedAsset, object | undefined]>([
    ['a title with room', { title: { len: 23 } }, LONG],
    ['a title with less room', { title: { len: 22 } }, SHORT],
    ['a title too short for all', { title: { len: 3 } }, undefined],
    ['data of a type', { data: { type: 2 } }, DESC],
    ['data of a type that is not there', { data: { type: 3 } }, undefined],
    ['data as long as there is room, in characters', { data: { type: 2, len: 22 } }, DESC],
    ['data longer than there is room', { data: { type: 2, len: 21 } }, undefined],
    ['any picture', { img: {} }, WIDE],
    ['a main picture; one without a type is', { img: { type: 3 } }, WIDE],
    ['an icon', { img: { type: 1 } }, ICON],
    ['a picture of just this size', { img: { w: 1200, h: 627 } }, WIDE],
    ['a picture of another size', { img: { w: 1200, h: 628 } }, undefined],
    ['a picture of at least a size', { img: { wmin: 81, hmin: 157 } }, WIDE],
    ['a larger picture', { img: { wmin: 1201 } }, undefined],
    ['a size, where scaling is allowed', { img: { w: 600, wmin: 300, h: 314, hmin: 157 } }, WIDE],
    ['a picture of a file type', { img: { type: 3, mimes: ['image/jpg'] } }, WIDE],
    ['a picture of another file type', { img: { type: 3, mimes: ['image/png'] } }, undefined],
    ['a picture whose address tells no type', { img: { type: 1, mimes: ['image/png'] } }, ICON],
    ['a video', { video }, CLIP],
    ['a shorter video', { video: { ...video, maxduration: 14 } }, undefined],
    ['a video of another type', { video: { ...video, mimes: ['video/webm'] } }, undefined],
    ['a video in older markup', { video: { ...video, protocols: [2, 3] } }, undefined],
    ['nothing that it knows', {}, undefined],
  ])('to a request for %s', (_, asked, served) => {
    expect(servedTo({ id: 5, ...asked })).toEqual(served && [{ id: 5, ...served }]);
  });

  it('does not fit without a required asset, and does without another', () => {
    const rating = { id: 2, data: { type: 3 } };
    expect(servedTo({ id: 1, title: { len: 90 } }, rating)).toEqual([{ id: 1, ...LONG }]);
    expect(servedTo({ id: 1, title: { len: 90 } }, { ...rating, required: 1 })).toBeUndefined();
  });

  it('serves each of its assets once, to required ones first', () => {
    const served = servedTo(
      { id: 1, title: { len: 90 } },
      { id: 2, required: 1, title: { len: 90 } },
      { id: 3, title: { len: 90 } },
    );
    expect(served).toEqual([{ id: 1, ...SHORT }, { id: 2, ...LONG }]);
  });

  it('answers alike when it has answered many other requests since', () => {
    const first = servedTo({ id: 1, title: { len: 90 } });
    for (let id = 2; id < 40; id++) {
      expect(servedTo({ id, title: { len: 90 } })).toEqual([{ id, ...LONG }]);
    }
    expect(servedTo({ id: 1, title: { len: 90 } })).toEqual(first);
  });

  it('sends the event trackers that the request can do', () => {
    const eventtrackers = [
      { event: 1, method: 1, url: 'https://acme.example/seen.gif', ext: { own: 1 } },
      { event: 1, method: 2, url: 'https://acme.example/seen.js' },
      { event: 2, method: 1, url: 'https://acme.example/half.gif' },
      { event: 1, method: 500, customdata: { vendor: 'acme' } },
    ];
    const tracked = NativeMarkup.of(JSON.stringify({ ...AD, eventtrackers }))!;
    const sentTo = (...asked: { event: number; methods: number[] }[]) => {
      const assets = [{ id: 1, title: { len: 90 } }];
      const request = asked.length > 0 ? { assets, eventtrackers: asked } : { assets };
      return JSON.parse(tracked.adm(askedNative(JSON.stringify(request))!)).eventtrackers;
    };
    const [image, script, half, own] = eventtrackers;
    expect(sentTo({ event: 1, methods: [1, 2] })).toEqual([image, script]);
    expect(sentTo({ event: 1, methods: [500] }, { event: 2, methods: [1] })).toEqual([half, own]);
    expect(sentTo({ event: 3, methods: [1, 2] })).toBeUndefined();
    expect(sentTo()).toBeUndefined();
  });

  it('is none where the markup is no native ad', () => {
    for (const adm of ['<b>ad</b>', '{}', '{"link":{},"assets":[]}', '[]', 'null', '"x"']) {
      expect(NativeMarkup.of(adm)).toBeUndefined();
    }
  });

  it('reads markup in the wrapping of version 1.0', () => {
    const wrapped = NativeMarkup.of(JSON.stringify({ native: AD }))!;
    expect(answerTo([{ id: 1, title: { len: 90 } }], wrapped)?.assets).toEqual([{
      id: 1,
      ...LONG,
    }]);
  });
});
