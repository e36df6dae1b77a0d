/** Publishers for a cluster under test: a gentle stream of every kind of POST, each answer noted. */
import { setTimeout as sleep } from 'node:timers/promises';
import { cpmToMicros } from '#shared/model/money.ts';
import type { AnsweredBody, NotedAnswer } from './facts.ts';

export interface Door {
  name: string;
  url: string;
  /** Nothing is sent to one that is shut. */
  open: boolean;
}

export interface LoadOptions {
  doors: readonly Door[];
  /** From 0 to 1. */
  random: () => number;
  /** Sets the ids of one run apart from those of another in the same store. */
  run: string;
}

const TMAX_MS = 1_000;
/** ms after its deadline that an answer is waited for. */
const ANSWER_MS = 15_000;
/** Of the requests; the rest are plain OpenRTB. */
const SHARES = { simple: 0.25, async: 0.1, keyed: 0.15 };

export class Load {
  readonly answers: NotedAnswer[] = [];
  /** What is being done to the exchange; noted with each answer. */
  fault: string | undefined;
  /** Whether keys are used: not while the store that remembers them is being lost. */
  keys = true;
  readonly #options: LoadOptions;
  readonly #underWay = new Set<Promise<void>>();
  #sent = 0;
  #running: Promise<void> | undefined;
  #ended = false;

  constructor(options: LoadOptions) {
    this.#options = options;
  }

  /** Sends so many a second, until {@link stop}. */
  start(perSecond: number): void {
    this.#ended = false;
    this.#running = this.#send(perSecond, () => this.#ended);
  }

  /** Resolves when everything that was sent has its answer. */
  async stop(): Promise<void> {
    this.#ended = true;
    await this.#running;
    await Promise.all(this.#underWay);
  }

  /** Sends so many in all; resolves when they have their answers. */
  async run(count: number, perSecond: number): Promise<void> {
    const until = this.#sent + count;
    await this.#send(perSecond, () => this.#sent >= until);
    await Promise.all(this.#underWay);
  }

  async #send(perSecond: number, done: () => boolean): Promise<void> {
    const begin = performance.now();
    for (let n = 0; !done(); n++) {
      const waitMs = begin + n * 1_000 / perSecond - performance.now();
      if (waitMs > 0) await sleep(waitMs);
      if (done()) return;
      this.#sendOne();
    }
  }

  #sendOne(): void {
    const { random, run, doors } = this.#options;
    const n = this.#sent++;
    const there = doors.filter(({ open }) => open);
    if (there.length === 0) return;
    const requestId = `${run}-${n}`;
    const kind = random();
    const door = there[n % there.length]!;
    if (kind < SHARES.keyed && this.keys) {
      // The same at every door at once.
      for (const one of there) this.#post(one, { requestId, key: requestId });
    } else if (kind < SHARES.keyed + SHARES.async) this.#post(door, { requestId, isAsync: true });
    else this.#post(door, { requestId, isSimple: kind > 1 - SHARES.simple });
  }

  #post(door: Door, sent: Sent): void {
    const posted = post(door, sent, this.fault).then((answer) => void this.answers.push(answer))
      .finally(() => this.#underWay.delete(posted));
    this.#underWay.add(posted);
  }
}

interface Sent {
  requestId: string;
  key?: string;
  isAsync?: boolean;
  isSimple?: boolean;
}

async function post(door: Door, sent: Sent, fault: string | undefined): Promise<NotedAnswer> {
  const { requestId, key, isAsync, isSimple } = sent;
  const noted: NotedAnswer = {
    door: door.name,
    sentAt: Date.now(),
    tookMs: 0,
    tmaxMs: TMAX_MS,
    requestId,
    status: 0,
    ...(key !== undefined && { key }),
    ...(fault !== undefined && { fault }),
  };
  const begin = performance.now();
  try {
    const answer = await fetch(`${door.url}${isSimple ? '/bid' : '/openrtb2/auction'}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(key !== undefined && { 'idempotency-key': key }),
        ...(isAsync && { prefer: 'respond-async' }),
      },
      body: JSON.stringify(isSimple ? simpleBid(requestId) : openRtb(requestId)),
      signal: AbortSignal.timeout(TMAX_MS + ANSWER_MS),
    });
    const text = await answer.text();
    noted.tookMs = performance.now() - begin;
    noted.status = answer.status;
    const id = answer.headers.get('helios-auction-id');
    const noBid = answer.headers.get('helios-no-bid');
    if (id !== null) noted.auctionId = id;
    if (noBid !== null) noted.noBid = noBid;
    if (answer.status === 200) noted.body = readBody(JSON.parse(text));
  } catch {
    // Status 0 says it: the connection was refused or broke, or the time was up.
    noted.tookMs = performance.now() - begin;
  }
  return noted;
}

function openRtb(id: string): unknown {
  return {
    id,
    imp: [
      { id: '1', banner: { format: [{ w: 300, h: 250 }] }, bidfloor: 0.2 },
      { id: '2', banner: { format: [{ w: 728, h: 90 }] }, bidfloor: 4 },
    ],
    site: { id: 's', domain: 'cluster.example', page: 'https://cluster.example/' },
    user: { id: 'user-007' },
    tmax: TMAX_MS,
  };
}

function simpleBid(id: string): unknown {
  return {
    request_id: id,
    site: { domain: 'cluster.example' },
    user_id: 'user-001',
    ad_slots: [{ id: '1', min_bid: 0.1, format: ['300x250'] }],
    tmax: TMAX_MS,
  };
}

interface AnyBody {
  id?: string;
  bidid?: string;
  seatbid?: { seat: string; bid: { impid: string; cid: string; price: number }[] }[];
  request_id?: string;
  auction_id?: string;
  ads?: { slot_id: string; seat: string; campaign: string; price: number }[];
}

/** Both public forms. */
function readBody(body: AnyBody): AnsweredBody {
  const wins = body.ads?.map(({ slot_id, seat, campaign, price }) => ({
    impid: slot_id,
    seat,
    campaign,
    priceMicros: cpmToMicros(price),
  })) ?? body.seatbid?.flatMap(({ seat, bid }) =>
    bid.map(({ impid, cid, price }) => ({
      impid,
      seat,
      campaign: cid,
      priceMicros: cpmToMicros(price),
    }))
  ) ?? [];
  return {
    requestId: body.id ?? body.request_id ?? '',
    auctionId: body.bidid ?? body.auction_id ?? '',
    wins,
  };
}
