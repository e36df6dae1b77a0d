/** Asks the exchange, alike on the server (in process) and in the browser (over HTTP). */
import { getRequestEvent, isServer } from 'solid-js/web';
import type { PageContext } from '#shared/runtime/dashboard.ts';

/** Why an answer did not come, in the exchange's own words. */
export interface Problem {
  /** HTTP status; 0 when the exchange does not answer. */
  status: number;
  message: string;
}

/** An answer, or why there is none. */
export type Asked<Answer> =
  | { answer: Answer; problem?: undefined }
  | { answer?: undefined; problem: Problem };

/** A page rather says so than waits: a slow answer is of no use to a person. */
const PATIENCE_MS = 8_000;
/** Both sides' words for it; each browser has others. */
const LATE = `There was no answer within ${PATIENCE_MS / 1_000} s`;

export class ApiError extends Error implements Problem {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = 'ApiError';
    this.status = status;
  }
}

/** @throws {ApiError} with the exchange's own words; status 0 when it does not answer. */
export async function api<Answer>(path: string, init?: RequestInit): Promise<Answer> {
  const answer = await ask(path, init);
  const body = await answer.json().catch(() => undefined) as Answer & { error?: string };
  if (answer.ok && body !== undefined) return body;
  throw new ApiError(answer.status, body?.error ?? `The exchange answered ${answer.status}`);
}

/**
 * The same as a value, for what a page is made of: a rejection that comes with the server's page would be
 * an uncaught error in the browser.
 */
export async function asked<Answer>(path: string): Promise<Asked<Answer>> {
  try {
    return { answer: await api<Answer>(path) };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return { problem: { status: error.status, message: error.message } };
  }
}

/** The same, or undefined where a page can do without. */
export async function apiOrNothing<Answer>(path: string): Promise<Answer | undefined> {
  return (await asked<Answer>(path)).answer;
}

async function ask(path: string, init?: RequestInit): Promise<Response> {
  try {
    if (isServer) return await inTime(askInProcess(path));
    // A page opened as http://name:KEY@host may not ask relative to its own address.
    const url = new URL(path, location.origin);
    return await fetch(url, { ...init, signal: AbortSignal.timeout(PATIENCE_MS) });
  } catch (error) {
    const { name, message } = error as Error;
    const late = name === 'TimeoutError';
    throw new ApiError(0, late ? LATE : `The exchange cannot be reached: ${message}`);
  }
}

/** In process nothing can be broken off: what comes too late is left alone. */
async function inTime(asked: Promise<Response>): Promise<Response> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => late.reject(new DOMException(LATE, 'TimeoutError')),
    PATIENCE_MS,
  );
  return await Promise.race([asked, late.promise]).finally(() => clearTimeout(timer));
}

function askInProcess(path: string): Promise<Response> {
  const event = getRequestEvent();
  const { api } = (event?.locals ?? {}) as Partial<PageContext>;
  // The development server runs apart from the stages; its proxy knows where they are.
  return api ? api(path) : fetch(new URL(path, event?.request.url));
}
