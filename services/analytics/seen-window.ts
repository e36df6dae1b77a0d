/**
 * The keys seen last, for "first offset wins": two generations, of which the older goes as a whole
 * when the younger is full. So between one and two times `generation` keys are remembered, and
 * adding costs the same however many there were.
 */
export interface SeenWindow {
  /** Whether the key is new; from now on it is not. */
  add(key: string): boolean;
}

export function createSeenWindow(generation: number): SeenWindow {
  let young = new Set<string>();
  let old = new Set<string>();
  return {
    add(key) {
      if (young.size >= generation) {
        old = young;
        young = new Set();
      }
      // Each look into sets of this size is a cache miss or two: adding tells whether it was there.
      const before = young.size;
      young.add(key);
      return young.size > before && !old.has(key);
    },
  };
}
