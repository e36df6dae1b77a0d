/** An exchange of its own process, for tools that need one: started, waited for, ended cleanly. */
import { setTimeout as sleep } from 'node:timers/promises';
import { freePorts } from '../engines/free-ports.ts';
import { Child, type ChildOptions } from './child.ts';

export interface ExchangePorts {
  PORT: number;
  PROFILE_PORT: number;
  METRICS_PORT: number;
  CLICKHOUSE_PORT: number;
}

/** A first start makes tables and demo data, and a laptop may be busy. */
const READY_MS = 60_000;
const POLL_MS = 100;
/** Answers of `/readyz` are small and local. */
const REQUEST_MS = 2_000;
const NO_ANSWER = 'no answer';

/**
 * Starts the exchange and resolves when `/readyz` says yes.
 * @param command as {@link runtimeCommand} makes it
 * @param signal ends the waiting early: the exchange is returned as it is, for the caller to stop
 * @throws when it ends or is not ready in time, with its last lines and the stages not ready; and when
 *   something answers at `url` already: what is meant for the new one would go there.
 */
export async function startExchange(
  command: [string, ...string[]],
  url: string,
  options: ChildOptions,
  signal: AbortSignal = new AbortController().signal,
): Promise<Child> {
  if (await readiness(url) !== NO_ANSWER) {
    throw new Error(
      `Cannot start the exchange: something answers at ${url} already; set PORT to another one`,
    );
  }
  const child = new Child(command, options);
  const endMs = performance.now() + READY_MS;
  let state = NO_ANSWER;
  while (performance.now() < endMs) {
    if (child.end !== undefined) {
      throw new Error(`Cannot start the exchange: it ended with ${child.end}${said(child)}`);
    }
    const seen = await readiness(url);
    if (seen === 'ready' || signal.aborted) return child;
    state = seen;
    await sleep(POLL_MS);
  }
  await child.stop();
  throw new Error(
    `Cannot start the exchange: not ready in ${READY_MS / 1000} s (${state})${said(child)}`,
  );
}

/** Ports nobody listens on now. */
export async function exchangePorts(): Promise<ExchangePorts> {
  const [PORT, PROFILE_PORT, METRICS_PORT, CLICKHOUSE_PORT] = await freePorts(4) as [
    number,
    number,
    number,
    number,
  ];
  return { PORT, PROFILE_PORT, METRICS_PORT, CLICKHOUSE_PORT };
}

/** `ready`, or what is missing. */
async function readiness(url: string): Promise<string> {
  try {
    const response = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(REQUEST_MS) });
    if (response.ok) {
      await response.body?.cancel();
      return 'ready';
    }
    return (await response.text()).slice(0, 500);
  } catch {
    return NO_ANSWER;
  }
}

function said(child: Child): string {
  return child.lastLines.length === 0 ? '' : `:\n${child.lastLines.join('\n')}`;
}
