/** What every stage is: a web-standard handler with a life. Made by `create<Stage>(dependencies)`. */
export interface Service {
  /** Stage name, as on the command line. */
  readonly name: StageName;
  fetch(request: Request): Response | Promise<Response>;
  start(): Promise<void>;
  /** Resolves when the stage can do its work, rejects with an Error whose message says why not. */
  ready(): Promise<void>;
  /** Finishes what was begun and lets go; called in the order of the pipeline. */
  close(): Promise<void>;
}

export const STAGES = [
  'gateway',
  'profile',
  'bidding',
  'auction',
  'analytics',
  'clickhouse',
  'web',
] as const;
export type StageName = (typeof STAGES)[number];

/** Answers a request for another stage: in process, or over HTTP. */
export type Route = (request: Request) => Response | Promise<Response>;

/** The time; a fake one in tests. */
export interface Clock {
  /** Epoch ms. */
  now(): number;
}
export const systemClock: Clock = { now: () => Date.now() };
