/**
 * The keys seen last, for "first offset wins": two generations, of which the older is emptied as a
 * whole when the younger is full. So between one and two times `generation` keys are remembered.
 *
 * Of a key 96 bits of a hash are kept, in memory that is there from the start: 6 MB for the usual
 * 100,000. That a new key is taken for one of 200,000 has a chance of one in 10^23. Sets of the texts
 * cost half as much again; they grew for a minute, stopped everything each time they doubled, and left
 * tables and texts to the collector.
 */
export interface SeenWindow {
  /** Whether the key is new; from now on it is not. */
  add(key: string): boolean;
}

export function createSeenWindow(generation: number): SeenWindow {
  // At most half full, so that a search ends soon.
  const slots = 2 ** Math.ceil(Math.log2(2 * generation));
  let young = new Uint32Array(WORDS * slots);
  let old = new Uint32Array(WORDS * slots);
  let count = 0;
  return {
    add(key) {
      if (count >= generation) {
        [young, old] = [old, young];
        young.fill(0);
        count = 0;
      }
      hash(key);
      const at = placeOf(young);
      if (young[at] !== 0) return false;
      young[at] = first;
      young[at + 1] = second;
      young[at + 2] = third;
      count++;
      return old[placeOf(old)] === 0;
    },
  };
}

/** Words of a slot; the first is 0 in an empty one. */
const WORDS = 3;

/** What {@link hash} found: an object each time would be garbage. */
let first = 0;
let second = 0;
let third = 0;

/** Each word is made of all characters in a way of its own. */
function hash(key: string): void {
  let a = 0x9e3779b9;
  let b = 0x85ebca6b;
  let c = 0xc2b2ae35;
  for (let i = 0; i < key.length; i++) {
    const code = key.charCodeAt(i);
    a = Math.imul(a ^ code, 0x01000193);
    b = Math.imul(b ^ code, 0x5bd1e995);
    c = Math.imul(c ^ code, 0x27d4eb2f);
    a ^= a >>> 15;
    b ^= b >>> 13;
    c ^= c >>> 16;
  }
  first = mixed(a ^ Math.imul(c, 0x165667b1)) || 1;
  second = mixed(b);
  third = mixed(c ^ key.length);
}

function mixed(word: number): number {
  word = Math.imul(word ^ (word >>> 16), 0x7feb352d);
  word = Math.imul(word ^ (word >>> 15), 0x846ca68b);
  return (word ^ (word >>> 16)) >>> 0;
}

/** Where the hashed key lies in the table, or where it would. */
function placeOf(table: Uint32Array): number {
  // second is free of the bits that first shares with its neighbours in the table.
  let at = WORDS * (second & (table.length / WORDS - 1));
  while (
    table[at] !== 0 && (table[at] !== first || table[at + 1] !== second || table[at + 2] !== third)
  ) {
    at += WORDS;
    if (at === table.length) at = 0;
  }
  return at;
}
