/**
 * The salts of tie-breaks. Each UTC day has one, made before the day and published as a hash at
 * once; the salt itself is public when the day is over, so that anyone can recheck every draw.
 */
import { createHash, randomBytes } from 'node:crypto';
import type { Catalog, ConfigChange } from '#shared/model/catalog.ts';

const DAY_MS = 86_400_000;

/** `2026-11-22` of an epoch time. */
export function utcDay(timeMs: number): string {
  return new Date(timeMs).toISOString().slice(0, 10);
}

/** SHA-256 of the salt's hex text, hex. */
export function commitmentOf(salt: string): string {
  return createHash('sha256').update(salt).digest('hex');
}

/** Salts missing for today and tomorrow, as changes to publish. The first published one of a day stands. */
export function missingSalts(
  catalog: Catalog,
  now: number,
  random: () => string = () => randomBytes(32).toString('hex'),
): ConfigChange[] {
  return [utcDay(now), utcDay(now + DAY_MS)]
    .filter((day) => !catalog.salt.has(day))
    .map((id) => ({
      v: 1,
      at: now,
      actor: 'auction',
      kind: 'salt',
      id,
      value: { id, salt: random() },
    }));
}
