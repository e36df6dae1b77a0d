import { describe, expect, it } from 'vitest';
import { askedNative } from './asked-native.ts';

const ASSETS = [{ id: 1, title: { len: 90 } }];
const TEXT = JSON.stringify({ ver: '1.2', assets: ASSETS });

describe('askedNative()', () => {
  it('reads the assets, and whether they came in the wrapping of version 1.0', () => {
    expect(askedNative(TEXT)).toEqual({ assets: ASSETS, trackers: [], wrapped: false });
    expect(askedNative(`{"native":${TEXT}}`)).toEqual({
      assets: ASSETS,
      trackers: [],
      wrapped: true,
    });
  });

  it('takes fields that are null for absent', () => {
    const text = '{"context":null,"assets":[{"id":1,"title":{"len":90},"img":null}]}';
    expect(askedNative(text)?.assets).toEqual(ASSETS);
  });

  it('gives the same object for the same text', () => {
    expect(askedNative(TEXT)).toBe(askedNative(TEXT.slice(0, 1) + TEXT.slice(1)));
  });

  it.each(['', '{', '{}', '[]', '{"native":null}', '{"assets":[{"id":"1"}]}'])(
    'reads nothing from %j',
    (text) => {
      expect(askedNative(text)).toBeUndefined();
    },
  );
});
