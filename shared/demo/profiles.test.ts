import { Profile } from '#proto/profile.ts';
import { describe, expect, it } from 'vitest';
import { HISTORY_LENGTH_MAX } from '../model/profile.ts';
import { CATEGORIES } from './categories.ts';
import { demoProfiles, demoUserId } from './profiles.ts';

const NOW_MS = 1_800_000_000_000;
const profiles = [...demoProfiles(1_000, 7, NOW_MS)];
const share = (fits: (profile: Profile) => boolean) => profiles.filter(fits).length / 1_000;

describe('demoProfiles()', () => {
  it('gives the same profiles for the same seed, others for another', () => {
    expect([...demoProfiles(50, 7, NOW_MS)]).toEqual(profiles.slice(0, 50));
    expect([...demoProfiles(50, 8, NOW_MS)]).not.toEqual(profiles.slice(0, 50));
  });

  it('numbers users with three digits or more', () => {
    expect(profiles[0]?.userId).toBe('user-001');
    expect(profiles[999]?.userId).toBe('user-1000');
    expect(demoUserId(100_000)).toBe('user-100000');
  });

  it('is made of what the model and the service take', () => {
    for (const { interests, history, segments } of profiles) {
      for (const { category, score } of interests) {
        expect(CATEGORIES).toContain(category);
        expect(score).toBeGreaterThanOrEqual(0);
        expect(score).toBeLessThanOrEqual(1);
      }
      expect(history.length).toBeLessThanOrEqual(HISTORY_LENGTH_MAX);
      expect(history).toEqual(history.toSorted((a, b) => b.atMs - a.atMs));
      expect(history.every(({ atMs }) => atMs > 0 && atMs <= NOW_MS)).toBe(true);
      expect(new Set(segments).size).toBe(segments.length);
    }
  });

  it('survives the wire unchanged', () => {
    for (const profile of profiles) {
      expect(Profile.decode(Profile.encode(profile).finish())).toEqual(profile);
    }
  });

  it.each([
    [0.91, 1],
    [0.7, 0.9],
    [0.5, 0.69],
    [0, 0.49],
  ])('the score of a single category is often between %d and %d', (least, most) => {
    const scores = profiles.flatMap(({ interests }) => interests.map(({ score }) => score));
    const within = scores.filter((score) => score >= least && score <= most);
    expect(within.length / scores.length).toBeGreaterThan(0.1);
  });

  it('has users of many kinds', () => {
    expect(share(({ history }) => history.length === 0)).toBeGreaterThan(0.05);
    expect(share(({ history }) => history.length >= 12)).toBeGreaterThan(0.1);
    expect(share(({ consent }) => consent === undefined)).toBeGreaterThan(0.02);
    expect(share(({ consent }) => consent?.personalisation === false)).toBeGreaterThan(0.02);
    expect(share(({ consent }) => consent?.personalisation === true)).toBeGreaterThan(0.8);
    expect(share(({ demographics }) => demographics === undefined)).toBeGreaterThan(0.02);
    expect(new Set(profiles.map(({ locale }) => locale)).size).toBeGreaterThan(5);
    expect(new Set(profiles.flatMap(({ interests }) => interests.map((i) => i.category))).size)
      .toBe(CATEGORIES.length);
  });
});
