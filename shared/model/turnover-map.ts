/**
 * A map of what comes and soon goes, such as the auctions that are open. Use it where thousands pass
 * in a second.
 *
 * Under the hood a Map that gets and loses entries makes itself a new table again and again, and the
 * old one keeps its entries and a reference to the next. Once a full garbage collection has found a
 * table in use and made it old, all that follow hang on it until the next full one, with their
 * entries, though nobody can reach them: every auction of those seconds, with request and bids. So
 * the Map knows only in which place of a list a value lies, and who leaves clears its place; and it is
 * left for a new one after so many entries, with its tables.
 */
export class TurnoverMap<K extends string | number, V> {
  #places = new Map<K, number>();
  #added = 0;
  readonly #values: (V | undefined)[] = [];
  /** Places of the list that nobody has. */
  readonly #free: number[] = [];

  get size(): number {
    return this.#places.size;
  }

  get(key: K): V | undefined {
    const place = this.#places.get(key);
    return place === undefined ? undefined : this.#values[place];
  }

  has(key: K): boolean {
    return this.#places.has(key);
  }

  set(key: K, value: V): void {
    let place = this.#places.get(key);
    if (place === undefined) {
      this.#renew();
      place = this.#free.pop() ?? this.#values.length;
      this.#places.set(key, place);
    }
    this.#values[place] = value;
  }

  delete(key: K): boolean {
    const place = this.#places.get(key);
    if (place === undefined) return false;
    this.#places.delete(key);
    this.#values[place] = undefined;
    this.#free.push(place);
    return true;
  }

  clear(): void {
    for (const key of this.#places.keys()) this.delete(key);
  }

  forEach(tell: (value: V, key: K) => void): void {
    for (const [key, value] of this) tell(value, key);
  }

  /** As {@link TurnoverMap[Symbol.iterator]}. */
  *values(): IterableIterator<V> {
    for (const place of this.#places.values()) yield this.#values[place] as V;
  }

  /** In the order they came. Of the map, only `delete` may be called meanwhile. */
  *[Symbol.iterator](): IterableIterator<[K, V]> {
    for (const [key, place] of this.#places) yield [key, this.#values[place] as V];
  }

  #renew(): void {
    this.#added++;
    if (this.#added <= RENEWED_AFTER || this.#added <= this.#places.size) return;
    this.#places = new Map(this.#places);
    this.#added = 0;
  }
}

/** Entries between two Maps; with more of them inside, as many: to copy one costs as much as to set it. */
const RENEWED_AFTER = 64;
