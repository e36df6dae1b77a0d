import { describe, expect, it } from 'vitest';
import type { Audio, Banner, Video } from '#shared/model/openrtb.ts';
import { fitsBanner, fitsNative, fitsPlayer } from './creative-fit.ts';
import { creative } from './test-samples.ts';

const CLIP = creative('clip', 'one', {
  type: 'video',
  dur: 15,
  mimes: ['video/mp4'],
  attr: [6],
}).value;
const BANNER = creative('banner', 'one', { attr: [3], mimes: ['text/html'] }).value;

describe('fitsBanner()', () => {
  it.each<[string, Banner, boolean]>([
    ['asks nothing', {}, true],
    ['blocks another attribute', { battr: [1, 2] }, true],
    ['blocks the attribute', { battr: [1, 3] }, false],
    ['takes the type', { mimes: ['image/png', 'text/html'] }, true],
    ['takes another type', { mimes: ['image/png'] }, false],
  ])('when the imp %s', (_, banner, fits) => {
    expect(fitsBanner(BANNER, banner)).toBe(fits);
  });
});

describe('fitsPlayer()', () => {
  const mimes = ['video/webm', 'video/mp4'];
  it.each<[string, Video | Audio, boolean]>([
    ['names types only', { mimes }, true],
    ['takes other types', { mimes: ['video/webm'] }, false],
    ['has just enough time', { mimes, minduration: 5, maxduration: 15 }, true],
    ['has too little time', { mimes, maxduration: 14 }, false],
    ['wants more', { mimes, minduration: 16, maxduration: 30 }, false],
    ['wants exactly this length', { mimes, rqddurs: [15, 30] }, true],
    ['wants other exact lengths', { mimes, rqddurs: [6, 30] }, false],
    ['knows the markup', { mimes, protocols: [3, 7] }, true],
    ['knows older markup only', { mimes, protocols: [2, 3] }, false],
    ['blocks an attribute', { mimes, battr: [6] }, false],
  ])('when the player %s', (_, player, fits) => {
    expect(fitsPlayer(CLIP, 7, player)).toBe(fits);
  });

  it('holds nothing against markup of unknown version', () => {
    expect(fitsPlayer(CLIP, 0, { mimes, protocols: [2] })).toBe(true);
  });
});

describe('fitsNative()', () => {
  it('respects blocked attributes', () => {
    const ad = creative('native', 'one', { type: 'native', attr: [8] }).value;
    expect(fitsNative(ad, { request: '{}' })).toBe(true);
    expect(fitsNative(ad, { request: '{}', battr: [8] })).toBe(false);
  });
});
