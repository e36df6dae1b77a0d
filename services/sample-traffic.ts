/**
 * Sample traffic for people who look at an exchange without publishers: a gentle burst of requests,
 * started from the page. They come in at the gateway's own door, so everything they cause is real.
 *
 * `GET` says how it stands, `POST {"running": true}` and `{"running": false}` start and stop it.
 */
import { sampleRequests } from '#shared/demo/traffic.ts';
import { problem } from '#shared/problem.ts';
import type { Clock, Route } from '#shared/service.ts';

/** Enough that a page comes to life, little enough that a laptop does not notice. */
export const RATE_PER_S = 20;
/** A burst ends by itself: nobody should find a full disk after a week. */
export const BURST_MS = 120_000;
/** Requests under way; more are left out, as the exchange has enough to do. */
const OPEN_MAX = 50;
const BODY_CHARACTERS_MAX = 200;

export interface SampleTraffic {
  fetch: Route;
  /** Stops it; what was sent is answered. */
  close(): void;
}

export interface SampleTrafficDependencies {
  /** The gateway. */
  send: Route;
  clock: Clock;
  /** Tells one burst's requests from another's. */
  seed(): number;
}

export function createSampleTraffic(dependencies: SampleTrafficDependencies): SampleTraffic {
  const burst = new Burst(dependencies);
  return {
    async fetch(request) {
      if (request.method === 'GET') return Response.json(burst.state());
      if (request.method !== 'POST') {
        return problem(405, 'Only GET and POST are allowed here', { allow: 'GET, POST' });
      }
      // A page elsewhere may send a form without asking, but not JSON.
      if (!/^application\/json\b/i.test(request.headers.get('content-type') ?? '')) {
        return problem(415, 'content-type: allowed is application/json');
      }
      const running = runningOf(await request.text());
      if (running === undefined) return problem(400, 'running: allowed is true, false');
      if (running) burst.start();
      else burst.stop();
      return Response.json(burst.state());
    },
    close: () => burst.stop(),
  };
}

class Burst {
  readonly #on: SampleTrafficDependencies;
  #request = sampleRequests(0);
  #timer: NodeJS.Timeout | undefined;
  #endsAt = 0;
  #sent = 0;
  #open = 0;

  constructor(dependencies: SampleTrafficDependencies) {
    this.#on = dependencies;
  }

  /** `sent` is of the burst under way, or the last one; `endsAt` is epoch ms, null while stopped. */
  state(): { running: boolean; sent: number; ratePerS: number; endsAt: number | null } {
    const running = this.#timer !== undefined;
    return {
      running,
      sent: this.#sent,
      ratePerS: RATE_PER_S,
      endsAt: running ? this.#endsAt : null,
    };
  }

  /** Asked again while it runs, it runs longer. */
  start(): void {
    this.#endsAt = this.#on.clock.now() + BURST_MS;
    if (this.#timer) return;
    this.#sent = 0;
    this.#request = sampleRequests(this.#on.seed());
    this.#timer = setInterval(() => this.#tick(), 1000 / RATE_PER_S);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #tick(): void {
    if (this.#on.clock.now() >= this.#endsAt) return this.stop();
    if (this.#open >= OPEN_MAX) return;
    this.#open++;
    void this.#send(this.#request(this.#sent++)).finally(() => this.#open--);
  }

  /** The gateway answers and counts what goes wrong; there is nothing to do about it here. */
  async #send(body: unknown): Promise<void> {
    const headers = { 'content-type': 'application/json', host: 'localhost' };
    const request = { method: 'POST', headers, body: JSON.stringify(body) };
    try {
      await this.#on.send(new Request('http://localhost/openrtb2/auction', request));
    } catch {
      // As above.
    }
  }
}

function runningOf(text: string): boolean | undefined {
  if (text.length > BODY_CHARACTERS_MAX) return undefined;
  try {
    const { running } = JSON.parse(text) as { running?: unknown };
    return typeof running === 'boolean' ? running : undefined;
  } catch {
    return undefined;
  }
}
