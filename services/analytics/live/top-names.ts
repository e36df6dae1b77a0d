/** Seats or sites summed up over a moving window of seconds. */
import type { LiveTop } from '#shared/model/live.ts';

export class TopNames {
  readonly #sums = new Map<string, LiveTop>();

  add(second: Iterable<LiveTop>): void {
    for (const one of second) addTop(this.#sums, one);
  }

  /** Takes away what was added before and has left the window. */
  remove(second: Iterable<LiveTop>): void {
    for (const { name, won, offered, revenueMicros } of second) {
      const sum = this.#sums.get(name);
      if (!sum) continue;
      sum.won -= won;
      sum.offered -= offered;
      sum.revenueMicros -= revenueMicros;
      if (sum.won === 0 && sum.offered === 0) this.#sums.delete(name);
    }
  }

  /** The names that brought most, at most `count`, which MUST be 1 or more. */
  top(count: number): LiveTop[] {
    // There may be 100,000 names, with a sort each second that keeps auctions waiting for 50 ms.
    const best: LiveTop[] = [];
    for (const sum of this.#sums.values()) {
      if (best.length === count && compare(sum, best.at(-1)!) > 0) continue;
      best.push(sum);
      best.sort(compare);
      if (best.length > count) best.pop();
    }
    return best.map((top) => ({ ...top }));
  }
}

export function addTop(sums: Map<string, LiveTop>, { name, ...more }: LiveTop): void {
  let sum = sums.get(name);
  if (!sum) sums.set(name, sum = noTop(name));
  sum.won += more.won;
  sum.offered += more.offered;
  sum.revenueMicros += more.revenueMicros;
}

export function noTop(name: string): LiveTop {
  return { name, won: 0, offered: 0, revenueMicros: 0 };
}

/** Equal ones by name, so that they do not change places from second to second. */
function compare(a: LiveTop, b: LiveTop): number {
  return b.revenueMicros - a.revenueMicros || b.won - a.won || b.offered - a.offered ||
    (a.name < b.name ? -1 : 1);
}
