/** Records and sockets for the tests of this folder. */
import type { AuctionDetails, AuctionOutcome, Winner } from '#shared/model/events.ts';
import type { LiveFrame } from '#shared/model/live.ts';
import type { LivePulse } from '#shared/model/live-pulse.ts';
import type { Socket } from '#shared/service.ts';
import { details, outcome } from '../test-records.ts';
import { noSums } from './pulse.ts';

/** 2025-12-17T19:33:20.000Z */
export const NOW_S = 1_766_000_000;

export function closed(n: number, changes: Partial<AuctionOutcome> = {}): AuctionOutcome {
  return outcome(n, { issuedAt: NOW_S * 1000 + n, test: false, ...changes });
}

export function winner(seat: string, priceMicros: number): Winner {
  return { ...closed(0).imps[0]!.winner!, seat, priceMicros, bidMicros: priceMicros * 2 };
}

export function explained(n: number, changes: Partial<AuctionDetails> = {}): AuctionDetails {
  return { ...details(n), issuedAt: NOW_S * 1000 + n, ...changes };
}

/** A pulse of so many auctions and nothing else. */
export function pulse(
  second: number,
  auctions: number,
  changes: Partial<LivePulse> = {},
): LivePulse {
  return {
    v: 1,
    instance: 'test',
    second,
    sums: { ...noSums(), auctions },
    explained: 0,
    tookMs: [],
    won: [],
    lost: [],
    seats: [],
    sites: [],
    rows: [],
    ...changes,
  };
}

/** A viewer's side of a socket: what it has taken, and what still waits while it is stalled. */
export class TestSocket implements Socket {
  readonly frames: LiveFrame[] = [];
  readonly closes: (number | undefined)[] = [];
  stalled = false;
  bufferedBytes = 0;
  #waiting: string[] = [];

  send(text: string): void {
    if (this.stalled) {
      this.#waiting.push(text);
      this.bufferedBytes += text.length;
    } else this.frames.push(JSON.parse(text) as LiveFrame);
  }

  /** Takes all that waits, and from now on everything at once. */
  drain(): void {
    this.stalled = false;
    this.bufferedBytes = 0;
    for (const text of this.#waiting.splice(0)) this.send(text);
  }

  close(code?: number): void {
    this.closes.push(code);
  }

  of(topic: string): Extract<LiveFrame, { seq: number }>[] {
    return this.frames.filter((frame) => frame.topic === topic) as never;
  }
}
