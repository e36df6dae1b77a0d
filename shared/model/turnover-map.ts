/**
 * A map of what comes and soon goes, such as the auctions that are open. Use it where a value holds
 * much and thousands pass in a second.
 *
 * Under the hood a Map that gets and loses entries makes itself a new table again and again, and the
 * old one keeps its entries and a reference to the next. Once a full garbage collection has found a
 * table in use and made it old, all that follow hang on it until the next full one, though nobody can
 * reach them: every auction of those seconds, with request and bids. It was most of what the collector
 * did. A Map that is left for a new one after so many entries takes its tables with it.
 */
export class TurnoverMap<K, V> {
  #map = new Map<K, V>();
  #added = 0;

  get size(): number {
    return this.#map.size;
  }

  get(key: K): V | undefined {
    return this.#map.get(key);
  }

  has(key: K): boolean {
    return this.#map.has(key);
  }

  set(key: K, value: V): void {
    this.#added++;
    if (this.#added > RENEWED_AFTER && this.#added > RENEWED_AFTER_TIMES * this.#map.size) {
      this.#map = new Map(this.#map);
      this.#added = 0;
    }
    this.#map.set(key, value);
  }

  delete(key: K): boolean {
    return this.#map.delete(key);
  }

  /** In the order they came. Of the map, only `delete` may be called meanwhile. */
  [Symbol.iterator](): MapIterator<[K, V]> {
    return this.#map[Symbol.iterator]();
  }
}

/** Entries between two Maps: what hangs on an old table until then are some auctions. */
const RENEWED_AFTER = 64;
/** Of the entries it holds: then copying them costs as much as a set and a half. */
const RENEWED_AFTER_TIMES = 1;
