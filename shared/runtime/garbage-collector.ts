/**
 * How V8 collects the garbage of requests: one thread at it, without helpers beside.
 *
 * A collection of the young generation is a few ms of work. With helpers it ends when the last of
 * them has ended, and on a machine that is busy they wait for a core: pauses of 50 ms and more were
 * seen on two cores. With many free cores a pause would be shorter with them, by a ms or two.
 */
import { setFlagsFromString } from 'node:v8';

/** Deno takes it on the command line only and passes over it here. */
export const YOUNG_COLLECTION_FLAG = '--no-parallel-scavenge';

/** For all threads of this process, from their next collection on. */
export function collectWithoutHelpers(): void {
  setFlagsFromString(YOUNG_COLLECTION_FLAG);
}
