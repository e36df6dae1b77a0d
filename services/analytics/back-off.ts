/** First wait after a failed call to a backend, doubled each time. */
const WAIT_MIN_MS = 100;
/** Longest wait: a backend that is back is used within this time. */
const WAIT_MAX_MS = 5_000;

/** Tries until it works; rejects only when it is given up. */
export type Insist = <T>(work: () => Promise<T>) => Promise<T>;

export interface Attempts {
  /** Called before each wait with the number of failures in a row. */
  failed(error: unknown, failures: number): void;
  /** Called when it worked after all, or at once. */
  worked(): void;
}

/**
 * Tries again after each failure, with growing waits, until the signal is aborted: then it rejects
 * with the signal's reason at once, and a try that is under way is left to itself.
 */
export function createInsist(signal: AbortSignal, attempts: Attempts): Insist {
  return async (work) => {
    for (let failures = 1;; failures++) {
      signal.throwIfAborted();
      try {
        const result = await orAborted(work(), signal);
        attempts.worked();
        return result;
      } catch (error) {
        signal.throwIfAborted();
        attempts.failed(error, failures);
        await wait(Math.min(WAIT_MIN_MS * 2 ** (failures - 1), WAIT_MAX_MS), signal);
      }
    }
  };
}

function wait(ms: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  return orAborted(promise, signal).finally(() => clearTimeout(timer));
}

function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const abort = (): void => reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  work.then(resolve, reject);
  return promise.finally(() => signal.removeEventListener('abort', abort));
}
