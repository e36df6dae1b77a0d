/**
 * A small seeded generator for demo data and tests (mulberry32, by Tommy Ettinger): the same seed
 * gives the same numbers on every runtime. Not for secrets or tie-breaks.
 * Each call of the result gives a number from 0 up to, not including, 1.
 */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
}
