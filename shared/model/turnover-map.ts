/**
 * A map of what comes and soon goes, such as the auctions that are open, in the order it came. Use it
 * where thousands pass in a second: a Map makes V8 keep what has gone up to the next full garbage
 * collection.
 *
 * - A text that is looked up in a Map becomes one of V8's unique strings (since V8 14), a copy of it
 *   among the old objects: of the id of each auction.
 * - A Map that gets and loses entries makes itself a new table again and again, and the old one keeps
 *   its entries and a reference to the next. Once a full collection has found a table in use, all
 *   that follow hang on it, with their entries: every auction of those seconds, with request and bids.
 *
 * So this is a hash table of its own: lists that stay, whose places are cleared when their entry goes.
 */
export class TurnoverMap<K extends string | number, V> {
  /** By place, in the order they came; undefined where the entry has gone. */
  #keys: (K | undefined)[] = places(CAPACITY_LEAST);
  #values: (V | undefined)[] = places(CAPACITY_LEAST);
  #hashes = new Int32Array(CAPACITY_LEAST);
  /** By place, the place of an older entry in the same bucket. */
  #older = new Int32Array(CAPACITY_LEAST);
  /** By bucket, the place of its newest entry. */
  #newest = new Int32Array(CAPACITY_LEAST).fill(NONE);
  /** The first place no entry had since the lists were last tidied, or empty. */
  #end = 0;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(key: K): V | undefined {
    const place = this.#find(key, hashOf(key));
    return place === NONE ? undefined : this.#values[place];
  }

  has(key: K): boolean {
    return this.#find(key, hashOf(key)) !== NONE;
  }

  set(key: K, value: V): void {
    const hash = hashOf(key);
    let place = this.#find(key, hash);
    if (place === NONE) {
      if (this.#end === this.#keys.length) this.#tidy();
      place = this.#end++;
      this.#size++;
      this.#keys[place] = key;
      this.#hashes[place] = hash;
      this.#link(place);
    }
    this.#values[place] = value;
  }

  delete(key: K): boolean {
    const hash = hashOf(key);
    const place = this.#find(key, hash);
    if (place === NONE) return false;
    this.#unlink(place, hash);
    this.#keys[place] = undefined;
    this.#values[place] = undefined;
    if (--this.#size === 0) this.#end = 0;
    return true;
  }

  clear(): void {
    empty(this.#keys, this.#values);
    this.#renew(CAPACITY_LEAST);
    this.#end = 0;
    this.#size = 0;
  }

  forEach(tell: (value: V, key: K) => void): void {
    for (const [key, value] of this) tell(value, key);
  }

  /** As {@link TurnoverMap[Symbol.iterator]}. */
  *values(): IterableIterator<V> {
    for (const [, value] of this) yield value;
  }

  /** In the order they came. Of the map, only `delete` may be called meanwhile. */
  *[Symbol.iterator](): IterableIterator<[K, V]> {
    for (let place = 0; place < this.#end; place++) {
      const key = this.#keys[place];
      if (key !== undefined) yield [key, this.#values[place] as V];
    }
  }

  #find(key: K, hash: number): number {
    let place = this.#newest[this.#bucket(hash)]!;
    while (place !== NONE && (this.#hashes[place] !== hash || this.#keys[place] !== key)) {
      place = this.#older[place]!;
    }
    return place;
  }

  #link(place: number): void {
    const bucket = this.#bucket(this.#hashes[place]!);
    this.#older[place] = this.#newest[bucket]!;
    this.#newest[bucket] = place;
  }

  #unlink(place: number, hash: number): void {
    const bucket = this.#bucket(hash);
    const older = this.#older[place]!;
    let newer = this.#newest[bucket]!;
    if (newer === place) {
      this.#newest[bucket] = older;
      return;
    }
    while (this.#older[newer] !== place) newer = this.#older[newer]!;
    this.#older[newer] = older;
  }

  #bucket(hash: number): number {
    return hash & (this.#newest.length - 1);
  }

  /** Moves the entries together: into longer lists when more than half is full, shorter ones after a peak. */
  #tidy(): void {
    const [keys, values, hashes] = [this.#keys, this.#values, this.#hashes];
    const end = this.#end;
    if (2 * this.#size > end) this.#renew(2 * end);
    else if (8 * this.#size < end && end > CAPACITY_LEAST) this.#renew(end / 2);
    else this.#newest.fill(NONE);
    let to = 0;
    for (let from = 0; from < end; from++) {
      if (keys[from] === undefined) continue;
      this.#keys[to] = keys[from];
      this.#values[to] = values[from];
      this.#hashes[to] = hashes[from]!;
      this.#link(to++);
    }
    this.#keys.fill(undefined, to);
    this.#values.fill(undefined, to);
    if (keys !== this.#keys) empty(keys, values);
    this.#end = to;
  }

  #renew(capacity: number): void {
    this.#keys = places(capacity);
    this.#values = places(capacity);
    this.#hashes = new Int32Array(capacity);
    this.#older = new Int32Array(capacity);
    this.#newest = new Int32Array(capacity).fill(NONE);
  }
}

/** Entries for which there are places from the beginning; a power of two, as all later lengths. */
const CAPACITY_LEAST = 64;
/** In the place of a place. */
const NONE = -1;
/** Characters of a long text that its hash is made of, from all over it. */
const HASHED_MAX = 12;

function places<T>(count: number): (T | undefined)[] {
  return new Array<T | undefined>(count).fill(undefined);
}

/**
 * For lists that are given up: they are old objects, and whoever they name would live on with them up to
 * the next full collection, the next ones that hang on those, too.
 */
function empty(...lists: unknown[][]): void {
  for (const list of lists) list.fill(undefined);
}

function hashOf(key: string | number): number {
  if (typeof key === 'number') return mixed(key);
  const step = Math.ceil(key.length / HASHED_MAX);
  let hash = key.length;
  // From the end, where those that are numbered differ most.
  for (let i = key.length - 1; i >= 0; i -= step) {
    hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193);
  }
  return mixed(hash);
}

/** So that the low bits, which choose the bucket, depend on all. */
function mixed(hash: number): number {
  const once = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return once ^ (once >>> 13);
}
