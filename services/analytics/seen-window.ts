/**
 * The keys seen last, for "first offset wins": two generations, of which the older goes as a whole
 * when the younger is full. So between one and two times `generation` keys are remembered, and
 * adding costs the same however many there were.
 *
 * Of a key its fingerprint of 95 bits is kept: two keys of a window share one about once in 10²³.
 * Sets of the keys themselves had the collector move 200,000 of them, and were filled anew, for some
 * ms, each time they had doubled.
 */
export interface SeenWindow {
  /** Whether the key is new; from now on it is not. */
  add(key: string): boolean;
}

export function createSeenWindow(generation: number): SeenWindow {
  const print = new Uint32Array(WORDS);
  let young = new Fingerprints(generation);
  let old = new Fingerprints(generation);
  return {
    add(key) {
      if (young.size >= generation) {
        [young, old] = [old, young];
        young.clear();
      }
      writeFingerprint(key, print);
      return young.add(print) && !old.has(print);
    },
  };
}

/** Words of a fingerprint. */
const WORDS = 3;
/** Places for each fingerprint, so that the next free one is near. */
const SPARSE = 2;

/** A hash set of a fixed size, open addressing; a first word of zero is a free place. */
class Fingerprints {
  readonly #words: Uint32Array;
  readonly #mask: number;
  size = 0;

  constructor(capacity: number) {
    const places = 2 ** Math.ceil(Math.log2(SPARSE * capacity));
    this.#words = new Uint32Array(WORDS * places);
    this.#mask = places - 1;
  }

  /** Whether it is new. There MUST be room for it. */
  add(print: Uint32Array): boolean {
    const words = this.#words;
    const at = this.#find(print);
    if (words[at] !== 0) return false;
    for (let word = 0; word < WORDS; word++) words[at + word] = print[word]!;
    this.size++;
    return true;
  }

  has(print: Uint32Array): boolean {
    return this.#words[this.#find(print)] !== 0;
  }

  clear(): void {
    this.#words.fill(0);
    this.size = 0;
  }

  /** Where it is, or the free place for it. */
  #find(print: Uint32Array): number {
    const words = this.#words;
    const mask = this.#mask;
    const [a, b, c] = [print[0]!, print[1]!, print[2]!];
    for (let place = b & mask;; place = (place + 1) & mask) {
      const at = WORDS * place;
      if (words[at] === 0) return at;
      if (words[at] === a && words[at + 1] === b && words[at + 2] === c) return at;
    }
  }
}

/** Three hashes of the text at once, each with a multiplier of its own, mixed as murmur3 does. */
function writeFingerprint(text: string, print: Uint32Array): void {
  let a = 0x1b873593;
  let b = 0x2545f491;
  let c = 0x38b34ae5;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    a = Math.imul(a ^ code, 0x4c9e2d51);
    a ^= a >>> 15;
    b = Math.imul(b ^ code, 0x05ebca6b);
    b ^= b >>> 13;
    c = Math.imul(c ^ code, 0x42b2ae35);
    c ^= c >>> 16;
  }
  print[0] = mixed(a) | 1;
  print[1] = mixed(b);
  print[2] = mixed(c);
}

function mixed(hash: number): number {
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
