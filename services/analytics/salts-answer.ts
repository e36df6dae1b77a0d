/** Tie-break salts as the public sees them: the hash before, the salt itself when its day is over. */
import { createHash } from 'node:crypto';
import type { Catalog } from '#shared/model/catalog.ts';
import { utcDay } from './answers.ts';

/**
 * A salt stays secret this long after its day: an auction of the last second may still be open,
 * and clocks differ a little.
 */
const REVEAL_DELAY_MS = 60_000;
/** Days shown: the past year, today and tomorrow. */
const DAYS_MAX = 367;

/** Newest first; `commitment` is the SHA-256 of the salt's text, both hex. */
export function saltsAnswer(catalog: Catalog, now: number) {
  return [...catalog.salt.values()]
    .sort((a, b) => a.id < b.id ? 1 : -1)
    .slice(0, DAYS_MAX)
    .map(({ id, salt }) => ({
      day: id,
      commitment: createHash('sha256').update(salt).digest('hex'),
      salt: revealedSalt(catalog, id, now),
    }));
}

/** The salt of a day, or null while it is secret or unknown. */
export function revealedSalt(catalog: Catalog, day: string, now: number): string | null {
  if (day >= utcDay(now - REVEAL_DELAY_MS)) return null;
  return catalog.salt.get(day)?.salt ?? null;
}
