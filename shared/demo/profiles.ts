/** Reproducible users for the demo, for `npm run seed` and for benchmarks. */
import type { Demographics, Interest, Profile, Visit } from '../model/profile.ts';
import { HISTORY_LENGTH_MAX } from '../model/profile.ts';
import { CATEGORIES, type Category } from './categories.ts';
import { seededRandom } from './random.ts';

/** Users an empty store starts with: enough that random traffic meets different ones. */
export const DEMO_PROFILES = 200;
export const DEMO_SEED = 7;

/**
 * `user-001`, `user-002`, … with interests, demographics, segments, history and consent. A user
 * depends on its number, the seed and `nowMs` (epoch ms, the newest possible visit) only: the first
 * 200 of 100,000 are the same as the 200 of 200.
 */
export function* demoProfiles(count: number, seed: number, nowMs: number): Generator<Profile> {
  for (let number = 1; number <= count; number++) yield demoProfile(number, seed, nowMs);
}

/** The same in lists of `size`, the last one of what is left, as the profile service takes them. */
export function* demoProfileBatches(
  count: number,
  seed: number,
  nowMs: number,
  size: number,
): Generator<Profile[]> {
  let batch: Profile[] = [];
  for (const profile of demoProfiles(count, seed, nowMs)) {
    if (batch.push(profile) < size) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

/** At least three digits: `user-001`, `user-100000`. */
export function demoUserId(number: number): string {
  return `user-${String(number).padStart(3, '0')}`;
}

function demoProfile(number: number, seed: number, nowMs: number): Profile {
  // Neighbouring seeds give alike first numbers; the golden ratio spreads them over 32 bits.
  const random = seededRandom(seed ^ Math.imul(number, 0x9e3779b1));
  random();
  const place = weighted(PLACES, random);
  const interests = makeInterests(random);
  const history = makeHistory(interests, random, nowMs);
  const lastSeenMs = history[0]?.atMs ?? nowMs - Math.floor(random() * 90 * DAY_MS);
  return {
    userId: demoUserId(number),
    locale: place.locale,
    interests,
    demographics: makeDemographics(place.country, random),
    segments: makeSegments(interests, history.length, random),
    history,
    consent: makeConsent(random),
    updatedAtMs: lastSeenMs,
  };
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

function makeInterests(random: () => number): Interest[] {
  const chosen = new Set<Category>();
  for (const wanted = 1 + Math.floor(random() * 6); chosen.size < wanted;) {
    chosen.add(pick(CATEGORIES, random));
  }
  return [...chosen].map((category) => {
    const [least, most] = weighted(SCORES, random).range;
    return { category, score: Math.round((least + random() * (most - least)) * 100) / 100 };
  }).sort((a, b) => b.score - a.score);
}

/** One row per price tier of the demo bidders (> 0.9, >= 0.7, >= 0.5, below), each met often. */
const SCORES = [
  { weight: 15, range: [0.91, 1] },
  { weight: 25, range: [0.7, 0.9] },
  { weight: 25, range: [0.5, 0.69] },
  { weight: 35, range: [0.05, 0.49] },
] as const;

/** Newest first. Some users come many times a day, some were last seen weeks ago, some never. */
function makeHistory(interests: Interest[], random: () => number, nowMs: number): Visit[] {
  const { visits: [least, most], everyMs } = weighted(HABITS, random);
  const visits = Math.min(
    HISTORY_LENGTH_MAX,
    least + Math.floor(random() * (most - least + 1)),
  );
  let atMs = nowMs;
  return Array.from({ length: visits }, () => {
    atMs -= Math.floor((0.1 + 1.8 * random()) * everyMs);
    // Three visits in four go to what the user likes.
    const category = random() < 0.75
      ? pick(interests, random).category
      : pick(CATEGORIES, random) as string;
    return { category, domain: `${pick(SITE_NAMES, random)}-${category}.example`, atMs };
  });
}

const HABITS = [
  { weight: 20, visits: [12, 20], everyMs: 0.5 * HOUR_MS },
  { weight: 35, visits: [4, 14], everyMs: 8 * HOUR_MS },
  { weight: 25, visits: [1, 6], everyMs: 4 * DAY_MS },
  { weight: 10, visits: [1, 2], everyMs: 30 * DAY_MS },
  { weight: 10, visits: [0, 0], everyMs: DAY_MS },
] as const;

/** `.example` is reserved (RFC 2606): no demo visit names a real site. */
const SITE_NAMES = ['daily', 'best', 'hello', 'world', 'my', 'open'] as const;

/** One user in ten is unknown but for the country, one in twenty entirely. */
function makeDemographics(country: string, random: () => number): Demographics | undefined {
  const known = random();
  if (known < 0.05) return undefined;
  if (known < 0.15) return { ageRange: '', gender: '', country };
  return {
    ageRange: pick(['18-24', '25-34', '35-44', '45-54', '55-64', '65+'], random),
    gender: weighted(GENDERS, random).letter,
    country,
  };
}

const GENDERS = [
  { weight: 48, letter: 'F' },
  { weight: 48, letter: 'M' },
  { weight: 4, letter: 'O' },
] as const;

const PLACES = [
  { weight: 35, country: 'USA', locale: 'en-US' },
  { weight: 15, country: 'GBR', locale: 'en-GB' },
  { weight: 15, country: 'DEU', locale: 'de-DE' },
  { weight: 10, country: 'FRA', locale: 'fr-FR' },
  { weight: 8, country: 'ESP', locale: 'es-ES' },
  { weight: 7, country: 'BRA', locale: 'pt-BR' },
  { weight: 5, country: 'JPN', locale: 'ja-JP' },
  { weight: 5, country: 'IND', locale: 'hi-IN' },
] as const;

function makeSegments(interests: Interest[], visits: number, random: () => number): string[] {
  const segments = interests.filter(({ score }) => score > 0.9)
    .map(({ category }) => `in-market-${category}`);
  if (visits >= 12) segments.push('frequent-visitor');
  if (visits === 0) segments.push('new-visitor');
  if (random() < 0.2) segments.push('newsletter-reader');
  if (random() < 0.1) segments.push('returning-customer');
  return segments;
}

/** One in twenty said no, one in twenty was never asked. */
function makeConsent(random: () => number): Profile['consent'] {
  const answer = random();
  if (answer < 0.05) return undefined;
  return { personalisation: answer >= 0.1, tcf: '' };
}

function pick<T>(choices: readonly T[], random: () => number): T {
  return choices[Math.floor(random() * choices.length)]!;
}

function weighted<T extends { weight: number }>(choices: readonly T[], random: () => number): T {
  let left = random() * choices.reduce((sum, { weight }) => sum + weight, 0);
  return choices.find(({ weight }) => (left -= weight) < 0) ?? choices.at(-1)!;
}
