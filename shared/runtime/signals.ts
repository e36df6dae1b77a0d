/** One way out of the process, whatever asks for it. */
import process from 'node:process';
import type { Log } from '../log.ts';
import { leave } from './leave.ts';

export type StopReason = 'SIGINT' | 'SIGTERM' | 'uncaughtException' | 'unhandledRejection';

/** ms the handler may take, when nobody waits for anything. Supervisors send SIGKILL after 10 s (Docker) or 30 s (Kubernetes). */
export const CLOSE_MS = 9_000;

/**
 * One Ctrl-C arrives twice: from the terminal, and again from npm or `deno task`. Only what comes
 * later than this is a person losing patience.
 */
export const SAME_KEYPRESS_MS = 1_000;

const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const;

/**
 * Runs `handler` once, at the first SIGINT, SIGTERM or crash, and exits when it is done: with 0
 * after a signal, with 1 after a crash, a failure of the handler or when it takes too long. A second
 * signal exits at once with 130 or 143. After a crash nothing goes on but the drain.
 * @param handler told the reason, and `within`, which sets the time it may take from then on.
 */
export function onStop(
  handler: (reason: StopReason, within: (ms: number) => void) => Promise<void> | void,
  log: Pick<Log, 'error'>,
  drainMs: number = CLOSE_MS,
): void {
  let begunAt: number | undefined;
  let code = 0;
  let late: NodeJS.Timeout | undefined;

  function within(ms: number): void {
    clearTimeout(late);
    late = setTimeout(() => {
      log.error('drain_late', { error: `Cannot stop in time: still busy after ${ms} ms` });
      process.exit(1);
    }, ms);
  }

  async function stop(reason: StopReason): Promise<void> {
    begunAt = Date.now();
    within(drainMs);
    try {
      await handler(reason, within);
    } catch (error) {
      log.error('drain_failed', { error });
      code = 1;
    }
    leave(code);
  }

  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (begunAt === undefined) void stop(signal);
      else if (Date.now() - begunAt > SAME_KEYPRESS_MS) process.exit(EXIT_CODES[signal]);
    });
  }
  for (const crash of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(crash, (error: unknown) => {
      code = 1;
      log.error(crash, { error, stack: error instanceof Error ? error.stack : undefined });
      if (begunAt === undefined) void stop(crash);
    });
  }
}

/** For what nothing can go on without: ends the process in order and with 1, as {@link onStop} does after a crash. */
export function crash(error: unknown): void {
  setImmediate(() => {
    throw error;
  });
}
