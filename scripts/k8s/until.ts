import { setTimeout as sleep } from 'node:timers/promises';

const LOOK_MS = 100;

/**
 * Resolves to what `look` finds as soon as it is no text; a text says what is still missing.
 * @throws an Error with the last text after `ms`
 */
export async function until<T extends object>(
  ms: number,
  look: () => Promise<T | string>,
): Promise<T> {
  const giveUpMs = performance.now() + ms;
  for (;;) {
    const found = await look();
    if (typeof found !== 'string') return found;
    if (performance.now() > giveUpMs) throw new Error(`after ${ms / 1_000} s: ${found}`);
    await sleep(LOOK_MS);
  }
}
