/**
 * The auctions that wait for bids. Pure: time is an argument. An auction closes when every expected
 * group has answered, or when its time is up; what comes later is counted and left.
 */
import type { BidRequestMessage, BidResponseMessage } from '#shared/model/events.ts';
import { TurnoverMap } from '#shared/model/turnover-map.ts';
import type { Span } from '#shared/trace.ts';

/**
 * Time kept before the publisher's deadline for clearing, journal and answer: a share of it, at
 * least this. On an idle two-core machine those take under 5 ms; the rest is for a busy one.
 */
const CLOSE_MARGIN_SHARE = 0.15;
const CLOSE_MARGIN_LEAST_MS = 15;
/** Bids of auctions whose request has not come yet; on Kafka topics do not wait for each other. */
const EARLY_MAX = 10_000;

export interface ClosedAuction {
  message: BidRequestMessage;
  partition: number;
  answers: BidResponseMessage[];
  closedBy: 'all_answered' | 'deadline';
  /** Of its request. */
  offset: number;
  /** Offset of the first answer that may be its own; undefined before any was seen. */
  answersFrom: number | undefined;
  /** Epoch ms with fractions at which its request came. */
  openedAt: number;
  /** From its opening to its end, where its trace is kept. */
  span: Span | undefined;
}

interface OpenAuction extends ClosedAuction {
  closesAt: number;
}

/** Of an auction in the topics. */
type Place = Pick<ClosedAuction, 'partition' | 'offset' | 'answersFrom'>;

/** Where a reader that follows must begin, so that what is open now is closed by it. */
export interface Restart {
  requests: number;
  /** Undefined where no answer was seen. */
  answers: number | undefined;
}

/** Epoch ms at which an auction stops waiting: the margin before its deadline, at least half of its time. */
export function closingTime({ receivedAt, deadline }: BidRequestMessage): number {
  const budget = deadline - receivedAt;
  const margin = Math.max(CLOSE_MARGIN_LEAST_MS, budget * CLOSE_MARGIN_SHARE);
  return deadline - Math.min(margin, budget / 2);
}

export class OpenAuctions {
  readonly #open = new TurnoverMap<string, OpenAuction>();
  /** Where those are that are closed and not yet stored: whoever follows must close them again. */
  readonly #unstored = new TurnoverMap<string, Place>();
  /** Deadlines of those that closed before it, without some group's answer: what comes yet is late. */
  readonly #overdue = new TurnoverMap<string, number>();
  readonly #early = new TurnoverMap<string, BidResponseMessage[]>();
  #earlyCount = 0;
  /** Epoch ms before which no auction stops waiting. */
  #dueFrom = Infinity;
  /** Offset behind what was read, by partition. */
  readonly #requestsNext = new Map<number, number>();
  readonly #answersNext = new Map<number, number>();

  get size(): number {
    return this.#open.size;
  }

  /** Whether anything has a deadline. */
  get isWaiting(): boolean {
    return this.#open.size > 0 || this.#overdue.size > 0 || this.#earlyCount > 0;
  }

  /**
   * Opens an auction; gives it back closed when nobody is expected, all have answered already, or
   * its deadline has passed: it was left behind by an auction stage that ended, and whoever waited
   * for it has been answered, so nobody may win it now.
   */
  request(
    message: BidRequestMessage,
    partition: number,
    offset: number,
    now: number,
    openedAt = now,
    span?: Span,
  ): ClosedAuction | undefined {
    this.#requestsNext.set(partition, offset + 1);
    if (this.#open.has(message.auctionId)) return undefined;
    const auction: OpenAuction = {
      message,
      partition,
      offset,
      answersFrom: this.#answersNext.get(partition),
      answers: [],
      closedBy: 'all_answered',
      closesAt: closingTime(message),
      openedAt,
      span,
    };
    if (now >= message.deadline) return this.#close(auction, 'deadline', now);
    this.#open.set(message.auctionId, auction);
    this.#dueFrom = Math.min(this.#dueFrom, auction.closesAt);
    const early = this.#early.get(message.auctionId);
    if (early) {
      this.#early.delete(message.auctionId);
      this.#earlyCount -= early.length;
      for (const answer of early) addAnswer(auction, answer);
    }
    return this.#closeIfComplete(auction, now);
  }

  /** Adds a group's answer. `late` when its auction has closed or its time is up. */
  answer(
    answer: BidResponseMessage,
    partition: number,
    offset: number,
    now: number,
  ): ClosedAuction | 'late' | undefined {
    this.#answersNext.set(partition, offset + 1);
    const auction = this.#open.get(answer.auctionId);
    if (auction) {
      if (now >= auction.message.deadline) return 'late';
      addAnswer(auction, answer);
      return this.#closeIfComplete(auction, now);
    }
    if (now >= answer.deadline || this.#overdue.has(answer.auctionId)) return 'late';
    if (this.#earlyCount >= EARLY_MAX) return 'late';
    const early = this.#early.get(answer.auctionId);
    if (early) early.push(answer);
    else this.#early.set(answer.auctionId, [answer]);
    this.#earlyCount++;
    return undefined;
  }

  /**
   * Closes what has waited long enough; with `all` everything, as at the end of the process. After
   * its deadline nobody wins an auction, whatever was offered: a process that was held still for
   * seconds must not sell what its publisher has been refused.
   */
  sweep(now: number, all = false): ClosedAuction[] {
    const closed = all || now >= this.#dueFrom ? this.#closeDue(all ? Infinity : now, now) : [];
    for (const [id, deadline] of this.#overdue) if (deadline <= now) this.#overdue.delete(id);
    for (const [id, answers] of this.#early) {
      if (answers[0]!.deadline > now) continue;
      this.#early.delete(id);
      this.#earlyCount -= answers.length;
    }
    return closed;
  }

  /** Their outcomes outlive the process: nobody need close them again. */
  stored(auctionIds: readonly string[]): void {
    for (const auctionId of auctionIds) this.#unstored.delete(auctionId);
  }

  /** Forgets the auctions of all other partitions. */
  keepOnly(partitions: readonly number[]): void {
    for (const [id, { partition }] of this.#open) {
      if (!partitions.includes(partition)) this.#open.delete(id);
    }
    for (const [id, { partition }] of this.#unstored) {
      if (!partitions.includes(partition)) this.#unstored.delete(id);
    }
    for (const next of [this.#requestsNext, this.#answersNext]) {
      for (const partition of next.keys()) {
        if (!partitions.includes(partition)) next.delete(partition);
      }
    }
  }

  /** By partition; of one that nothing came from there is none. */
  restarts(): ReadonlyMap<number, Restart> {
    const restarts = new Map<number, Restart>();
    for (const [partition, requests] of this.#requestsNext) {
      restarts.set(partition, { requests, answers: this.#answersNext.get(partition) });
    }
    const all: Place[] = [...this.#open.values(), ...this.#unstored.values()];
    for (const { partition, offset, answersFrom } of all) {
      const restart = restarts.get(partition);
      if (!restart) continue;
      restart.requests = Math.min(restart.requests, offset);
      restart.answers = lower(restart.answers, answersFrom);
    }
    return restarts;
  }

  #closeDue(until: number, now: number): ClosedAuction[] {
    const closed: ClosedAuction[] = [];
    this.#dueFrom = Infinity;
    for (const auction of this.#open.values()) {
      if (auction.closesAt <= until) closed.push(this.#close(auction, 'deadline', now));
      else this.#dueFrom = Math.min(this.#dueFrom, auction.closesAt);
    }
    return closed;
  }

  #closeIfComplete(auction: OpenAuction, now: number): ClosedAuction | undefined {
    if (auction.answers.length < auction.message.groups.length) return undefined;
    return this.#close(auction, 'all_answered', now);
  }

  #close(auction: OpenAuction, closedBy: ClosedAuction['closedBy'], now: number): ClosedAuction {
    const { partition, offset, answersFrom, message: { auctionId, deadline } } = auction;
    this.#open.delete(auctionId);
    this.#unstored.set(auctionId, { partition, offset, answersFrom });
    auction.closedBy = closedBy;
    if (now >= deadline) auction.answers = [];
    else if (closedBy === 'deadline') this.#overdue.set(auctionId, deadline);
    return auction;
  }
}

/** Of two offsets; of an unknown one everything may be needed. */
function lower(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? undefined : Math.min(one, other);
}

/** The first answer of an expected group counts; a repetition or a stranger changes nothing. */
function addAnswer(auction: OpenAuction, answer: BidResponseMessage): void {
  if (!auction.message.groups.includes(answer.group)) return;
  if (auction.answers.some(({ group }) => group === answer.group)) return;
  auction.answers.push(answer);
}
