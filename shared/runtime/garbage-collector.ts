/** How V8 collects the garbage of requests, and what it keeps. */
import { setFlagsFromString } from 'node:v8';

/** Deno takes them on the command line only and passes over them here. */
export const COLLECTOR_FLAGS = [
  /**
   * A collection of the young generation is a few ms of work for one thread. With helpers it ends when
   * the last of them has ended, and on a machine that is busy they wait for a core: pauses of 50 ms and
   * more were seen on two cores. With many free cores a pause would be shorter with them, by a ms or two.
   */
  '--no-parallel-scavenge',
  /**
   * Compiled code knows the shapes of the objects it works on. V8 forgets those no object of which was
   * alive in two collections, and throws the code away with them: who is idle for half a minute would
   * compile the way of a request anew. Only shapes that compiled code names are kept, so the memory is bounded.
   */
  '--retain-maps-for-n-gc=100000',
  /** It collects when there is nothing to do, without that regard. */
  '--no-memory-reducer',
  /**
   * MB, on Deno as on Node. A collection of the young generation is 1 ms, a tenth of a second apart under
   * full load; with twice as much memory there were half as many.
   */
  '--max-semi-space-size=32',
  /**
   * V8 makes objects old at once where the first hundred of their kind lived through a collection, as
   * those of a first burst of requests do, and never thinks better of it. What they refer to then
   * outlives its auction up to the next full collection: by chance a process made all collections of the
   * young generation four times as dear, 7.6 us of a request instead of 2, with pauses of 7 ms.
   */
  '--no-allocation-site-pretenuring',
  /**
   * How far the heap may grow up to the next full collection: to three times what the last one left. Where
   * little grows old V8 chooses 1.1 times and 8 MB at least, but begins to mark as soon as less than the
   * size of the young generation is left, so that the next collection began when one ended: two a second,
   * 5 to 15 ms each and half a core for the marking, from the first one on.
   */
  '--heap-growing-percent=200',
] as const;

/** For all threads of this process, from their next collection on; size and reducer for new ones. */
export function tuneCollector(): void {
  for (const flag of COLLECTOR_FLAGS) setFlagsFromString(flag);
}
