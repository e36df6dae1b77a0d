/**
 * One bidding group at work: a batch of requests in, one message per auction out, with all its
 * seats' bids and no-bids. Groups share nothing but the index and a look-up under way.
 */
import type {
  BidRequestMessage,
  BidResponseMessage,
  SeatAnswer,
  UnenrichedReason,
} from '#shared/model/events.ts';
import type { Profile } from '#shared/model/profile.ts';
import { within } from '#shared/model/within.ts';
import { type Clock, fineTime } from '#shared/service.ts';
import type { Span, Tracer } from '#shared/trace.ts';
import { type BatchTrace, traceBatch } from './batch-trace.ts';
import { bidForSeat } from './bid-for-seat.ts';
import type { CampaignIndex, IndexedSeat } from './campaign-index.ts';
import { LOOKUP_MS_MAX } from './profile-lookup.ts';
import { profileAsk, type ProfileUse } from './profile-use.ts';
import type { ProfileUses, SharedLookup } from './share-lookups.ts';
import { surroundingsOf } from './targeting.ts';

/** Of an auction's time; the rest is for bidding and closing, which may begin at half time. */
const LOOKUP_SHARE = 0.4;

export interface RequestRecord {
  readonly partition: number;
  readonly offset?: number;
  readonly value: BidRequestMessage;
}
export interface ResponseRecord {
  readonly partition: number;
  readonly value: BidResponseMessage;
}

/** Why a request is not answered. */
export type DropReason = 'late' | 'not_expected';

/** Told of everything a group does, to be counted. */
export interface Tally {
  answered(seats: readonly SeatAnswer[], tookMs: number): void;
  dropped(reason: DropReason): void;
  /** A bug: the seats answer `error`, so that the auction need not wait. */
  failed(error: unknown, message: BidRequestMessage): void;
}

export interface BiddingGroupSetup {
  readonly group: string;
  readonly index: () => CampaignIndex;
  readonly lookup: SharedLookup;
  readonly clock: Clock;
  /** Milliseconds of a clock that only runs forward, for durations. */
  readonly ticks: () => number;
  /** Takes a whole batch's answers, and the spans of their way; MUST NOT throw. */
  readonly publish: (answers: ResponseRecord[], sends: readonly Span[] | undefined) => void;
  readonly tally: Tally;
  readonly tracer?: Tracer | undefined;
}

/** A batch that has come. */
interface Arrival {
  readonly ticks: number;
  /** Epoch ms with fractions. */
  readonly at: number;
  readonly trace: BatchTrace | undefined;
}

export class BiddingGroup {
  readonly #setup: BiddingGroupSetup;

  constructor(setup: BiddingGroupSetup) {
    this.#setup = setup;
  }

  /**
   * Answers what can be answered at once and begins the look-up for the rest.
   * @returns what remains to be waited for at the end of the process
   */
  take(batch: readonly RequestRecord[]): Promise<void> | undefined {
    const { tracer, group, clock } = this.#setup;
    const trace = tracer && traceBatch(tracer, group, batch);
    const arrival: Arrival = { ticks: this.#setup.ticks(), at: fineTime(clock), trace };
    const now = clock.now();
    const userIds = new Set<string>();
    let latestDeadline = 0;
    const patient: RequestRecord[] = [];
    const hurried: RequestRecord[] = [];
    /** Without a user to look up, or without the time. */
    const atOnce: RequestRecord[] = [];
    for (const record of batch) {
      const { value } = record;
      // The auction does not wait for a group it does not expect, nor for anybody past the deadline.
      if (!value.groups.includes(group)) this.#setup.tally.dropped('not_expected');
      else if (value.deadline <= now) this.#late(value, trace);
      else {
        const { userId } = profileAsk(value.request);
        const until = waitUntil(value);
        if (userId === undefined || until <= now) {
          atOnce.push(record);
          continue;
        }
        userIds.add(userId);
        if (value.deadline > latestDeadline) latestDeadline = value.deadline;
        // Whoever has as much time as a look-up takes just waits for it.
        (until < now + LOOKUP_MS_MAX ? hurried : patient).push(record);
      }
    }
    this.#answer(atOnce, undefined, arrival, false);
    if (userIds.size === 0) return undefined;
    const span = trace?.lookup([...patient, ...hurried], userIds.size);
    const uses = this.#setup.lookup(userIds, latestDeadline, span);
    return Promise.all([
      uses.then((found) => this.#answer(patient, found, arrival)),
      this.#answerHurried(hurried, uses, now, arrival),
    ]).then(() => {});
  }

  /** Requests with little time wait for the same look-up, but not as long: all as the tightest. */
  async #answerHurried(
    hurried: readonly RequestRecord[],
    uses: Promise<ProfileUses>,
    now: number,
    arrival: Arrival,
  ): Promise<void> {
    if (hurried.length === 0) return;
    const tightest = Math.min(...hurried.map(({ value }) => waitUntil(value)));
    const found = await within(uses, tightest - now);
    this.#answer(hurried, found, arrival);
  }

  /** @param uses undefined: the look-up did not end in time, or nobody was looked up */
  #answer(
    records: readonly RequestRecord[],
    uses: ProfileUses | undefined,
    arrival: Arrival,
    waited = true,
  ): void {
    if (records.length === 0) return;
    const { ticks, trace } = arrival;
    trace?.lookedUp(records, uses);
    const now = this.#setup.clock.now();
    const lookupMs = waited ? this.#setup.ticks() - ticks : undefined;
    const index = this.#setup.index();
    const answers: ResponseRecord[] = [];
    for (const { partition, value } of records) {
      if (value.deadline <= now) this.#late(value, trace);
      else {
        const use = useFor(value, uses);
        const seats = this.#bid(value, use.profile, index);
        const tookMs = this.#setup.ticks() - ticks;
        this.#setup.tally.answered(seats, tookMs);
        const took = { arrivedAt: arrival.at, tookMs, lookupMs };
        const answer = responseTo(value, this.#setup.group, use, seats, took, now);
        trace?.answered(answer, partition);
        answers.push({ partition, value: answer });
      }
    }
    if (answers.length > 0) this.#setup.publish(answers, trace?.takeSends());
  }

  #late({ auctionId }: BidRequestMessage, trace: BatchTrace | undefined): void {
    this.#setup.tally.dropped('late');
    trace?.dropped(auctionId, 'late');
  }

  #bid(message: BidRequestMessage, profile: Profile | undefined, index: CampaignIndex) {
    // The group's last bidder may be gone since: an empty answer lets the auction close early.
    const seats = index.groups.get(this.#setup.group) ?? [];
    try {
      return bidForSeats(message, profile, index, seats);
    } catch (error) {
      this.#setup.tally.failed(error, message);
      return seats.map((seat) => errorAnswer(seat, message.request.imp));
    }
  }
}

/** Ages count to the gateway's time of the request, so that a replay has the same prices. */
function bidForSeats(
  { auctionId, request, receivedAt }: BidRequestMessage,
  profile: Profile | undefined,
  { match }: CampaignIndex,
  seats: readonly IndexedSeat[],
): SeatAnswer[] {
  match.load(profile, receivedAt);
  const around = surroundingsOf(request);
  return seats.map((seat) => bidForSeat(auctionId, request, around, match, seat));
}

/** Epoch ms from which on a request is answered without the profile. */
function waitUntil({ receivedAt, deadline }: BidRequestMessage): number {
  return receivedAt + (deadline - receivedAt) * LOOKUP_SHARE;
}

const TIMED_OUT: ProfileUse = { profile: undefined, reason: 'timeout' };

function useFor(message: BidRequestMessage, uses: ProfileUses | undefined): ProfileUse {
  const { userId, reason } = profileAsk(message.request);
  if (userId === undefined) return { profile: undefined, reason };
  return uses?.get(userId) ?? TIMED_OUT;
}

function responseTo(
  { auctionId, traceparent, deadline }: BidRequestMessage,
  group: string,
  { profile, reason }: { profile: Profile | undefined; reason: UnenrichedReason | undefined },
  seats: SeatAnswer[],
  { arrivedAt, tookMs, lookupMs }: {
    arrivedAt: number;
    tookMs: number;
    lookupMs: number | undefined;
  },
  issuedAt: number,
): BidResponseMessage {
  const answer: BidResponseMessage = {
    v: 1,
    auctionId,
    traceparent,
    issuedAt,
    deadline,
    group,
    enriched: profile !== undefined,
    arrivedAt,
    tookMs: toMicros(tookMs),
    seats,
  };
  if (lookupMs !== undefined) answer.lookupMs = toMicros(lookupMs);
  if (profile !== undefined) answer.profile = profile;
  if (reason !== undefined) answer.unenrichedReason = reason;
  return answer;
}

function toMicros(ms: number): number {
  return Math.round(ms * 1_000) / 1_000;
}

function errorAnswer(seat: IndexedSeat, imps: readonly { id: string }[]): SeatAnswer {
  const noBids = imps.map(({ id }) => ({ impid: id, reason: 'error' as const }));
  return { seat: seat.id, bids: [], noBids };
}
