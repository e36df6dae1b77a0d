/**
 * The clocks of other processes, as this one's sees them. Deadlines are times of day of whoever wrote
 * them: two seconds of difference, and every request is late, or none ever. A message that is
 * read at once is as old as its way was long, so the youngest of half a minute tells the difference.
 */

/** ms of messages that count; a clock that is set back is noticed after twice as long at most. */
const WINDOW_MS = 15_000;
/**
 * What looks younger than nothing is a clock that runs ahead of ours. What looks old may also have been
 * under way for long, so that is corrected only above what no way takes, …
 */
const WAY_MS_MAX = 50;
/** … and after so many looks: after a stop, the first messages have waited for this process. */
const LOOKS_LEAST = 5;

interface Seen {
  /** ms: the smallest of (now − issuedAt) in the window before and in this one. */
  before: number;
  smallest: number;
  windowEnds: number;
  looks: number;
  lastLook: number;
}

export class SenderClocks {
  readonly #seen = new Map<string, Seen>();

  /** Of a message that was read as soon as it was there; both times in epoch ms. */
  see(sender: string, issuedAt: number, now: number): void {
    const ageMs = now - issuedAt;
    const seen = this.#seen.get(sender);
    if (!seen || now >= seen.windowEnds + WINDOW_MS) {
      this.#seen.set(sender, {
        before: Infinity,
        smallest: ageMs,
        windowEnds: now + WINDOW_MS,
        looks: 1,
        lastLook: now,
      });
      return;
    }
    if (now >= seen.windowEnds) {
      seen.before = seen.smallest;
      seen.smallest = Infinity;
      seen.windowEnds += WINDOW_MS;
    }
    if (ageMs < seen.smallest) seen.smallest = ageMs;
    if (now !== seen.lastLook) seen.looks++;
    seen.lastLook = now;
  }

  /** ms to add to a time of the sender's to have it in our time; 0 while the clocks agree. */
  offsetMs(sender: string): number {
    const seen = this.#seen.get(sender);
    if (!seen) return 0;
    const youngestMs = Math.min(seen.before, seen.smallest);
    if (youngestMs < 0) return youngestMs;
    return youngestMs > WAY_MS_MAX && seen.looks >= LOOKS_LEAST ? youngestMs : 0;
  }

  /** The largest difference that is corrected at `now` (epoch ms), in ms, with its sign. */
  worstMs(now: number): number {
    let worst = 0;
    for (const [sender, { windowEnds }] of this.#seen) {
      // Such as one whose partitions another process reads now.
      if (now >= windowEnds + WINDOW_MS) continue;
      const offset = this.offsetMs(sender);
      if (Math.abs(offset) > Math.abs(worst)) worst = offset;
    }
    return worst;
  }
}
