import type { BidOffer } from '#shared/model/events.ts';
import type { Banner } from '#shared/model/openrtb.ts';
import { describe, expect, test } from 'vitest';
import { sizeRefusal } from './banner-size.ts';

const wide = { wratio: 16, hratio: 9, wmin: 320 };

/** Whether a banner of `w` × `h` is allowed; `screen` makes the imp an interstitial. */
function allows(banner: Banner, w: number, h: number, instl: 0 | 1, screen?: object): boolean {
  const imp = { id: '1', banner, instl };
  const request = { id: 'r', imp: [imp], ...(screen && { device: screen }) };
  return sizeRefusal({ w, h } as BidOffer, banner, imp, request) === undefined;
}

describe('sizeRefusal()', () => {
  test.each<[string, Banner, number, number, boolean]>([
    ['the exact size', { w: 300, h: 250 }, 300, 250, true],
    ['another height', { w: 300, h: 250 }, 300, 600, false],
    ['another width', { w: 300, h: 250 }, 336, 250, false],
    ['one of the formats', { format: [{ w: 1, h: 2 }, { w: 3, h: 4 }] }, 3, 4, true],
    ['any size where half a size is named', { w: 300 }, 728, 90, true],
    ['any size where a size of zero is named', { w: 300, h: 0 }, 728, 90, true],
    ['nothing by a format without numbers', { format: [{}] }, 300, 250, false],
    ['nothing by half a ratio', { format: [{ wratio: 1 }] }, 300, 300, false],
    ['the ratio at the least width', { format: [wide] }, 320, 180, true],
    [
      'the ratio at any width without a least',
      { format: [{ wratio: 16, hratio: 9 }] },
      16,
      9,
      true,
    ],
    ['less than the least width', { format: [wide] }, 319, 179, false],
    ['a height rounded to a pixel', { format: [wide] }, 330, 186, true],
    ['a height a pixel off', { format: [wide] }, 320, 181, false],
    ['no height', { format: [{ wratio: 16, hratio: 9 }] }, 1, 0, false],
    ['no width', { format: [{ wratio: 1, hratio: 16 }] }, 0, 1, false],
  ])('decides on %s', (_what, banner, w, h, isAllowed) => {
    expect(allows(banner, w, h, 0)).toBe(isAllowed);
  });

  test.each<[string, Banner, number, number, boolean]>([
    ['the room itself', { w: 320, h: 480 }, 320, 480, true],
    ['less than the room', { w: 320, h: 480 }, 300, 250, true],
    ['too wide', { w: 320, h: 480 }, 321, 480, false],
    ['too high', { w: 320, h: 480 }, 320, 481, false],
    ['no width', { w: 320, h: 480 }, 0, 480, false],
    ['no height', { w: 320, h: 480 }, 320, 0, false],
    ['the screen where no size is named', {}, 390, 844, true],
    ['more than the screen', {}, 391, 844, false],
  ])('decides on an interstitial with %s', (_what, banner, w, h, isAllowed) => {
    expect(allows(banner, w, h, 1, { w: 390, h: 844 })).toBe(isAllowed);
  });

  test('allows an interstitial any size where neither size nor screen is known', () => {
    expect(allows({}, 4000, 4000, 1)).toBe(true);
    expect(allows({}, 4000, 4000, 1, { ua: 'x' })).toBe(true);
  });

  test('looks at the screen for interstitials only', () => {
    expect(allows({}, 4000, 4000, 0, { w: 390, h: 844 })).toBe(true);
  });
});
