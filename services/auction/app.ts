/** The auction stage: gathers requests and bids, closes auctions in time, writes outcomes and details. */
import type { Bus, Outgoing, Reader, Share } from '#shared/bus/bus.ts';
import type { CatalogView } from '#shared/catalog-view.ts';
import type { Log } from '#shared/log.ts';
import type { Metrics } from '#shared/metrics.ts';
import { isSampled, parseAuctionId } from '#shared/model/auction-id.ts';
import type { AuctionRules, BidResponseMessage } from '#shared/model/events.ts';
import type { Explanation } from '#shared/model/explanation.ts';
import { Lookout } from '#shared/model/lookout.ts';
import { SECOND_PRICE_INCREMENT_MICROS } from '#shared/model/money.ts';
import { problem } from '#shared/problem.ts';
import { type Clock, fineTime, type Service } from '#shared/service.ts';
import { auctionFields, type Span, type Tracer } from '#shared/trace.ts';
import { auctionSpan, endSends, traceClosed } from './auction-span.ts';
import { createAuctionTally } from './auction-tally.ts';
import type { Decided } from './details.ts';
import { Explaining } from './explaining.ts';
import { type ClosedAuction, OpenAuctions } from './open-auctions.ts';
import { makeOutcome } from './outcome.ts';
import { runAuction } from './run-auction.ts';
import { commitmentOf, missingSalts, utcDay } from './salts.ts';
import { Storing } from './storing.ts';

/** Grain of the deadline: an auction is closed at most this much too late. */
const SWEEP_INTERVAL_MS = 4;
/** Salts are looked after this often; tomorrow's is made up to a day ahead. */
const SALT_INTERVAL_MS = 60_000;
/** Positions of requests are offered for storing this often. */
const COMMIT_INTERVAL_MS = 200;

export interface AuctionDependencies {
  bus: Bus;
  catalog: CatalogView;
  clock: Clock;
  log: Log;
  metrics: Metrics;
  /** What an imp without `bidfloor` sells for at least. */
  defaultFloorMicros: number;
  /** Share of auctions whose details are kept. */
  detailSample: number;
  tracer?: Tracer | undefined;
}

export function createAuction(dependencies: AuctionDependencies): Service {
  const { bus, catalog, clock, log, metrics, detailSample, tracer } = dependencies;
  const rules: AuctionRules = {
    incrementMicros: SECOND_PRICE_INCREMENT_MICROS,
    defaultFloorMicros: dependencies.defaultFloorMicros,
  };
  const open = new OpenAuctions();
  let reader: Reader | undefined;
  const timers: NodeJS.Timeout[] = [];
  let ending = false;

  const closedBy = metrics.counter(
    'helios_auctions_total',
    'Auctions closed, by what closed them',
    ['closed_by'],
  );
  const closedCounts = {
    all_answered: closedBy({ closed_by: 'all_answered' }),
    deadline: closedBy({ closed_by: 'deadline' }),
  };
  const tally = createAuctionTally(metrics);
  const storing = new Storing({ bus, clock, log, metrics });
  const explaining = new Explaining({ bus, clock, log });
  const foreignSeats = metrics.counter(
    'helios_foreign_seats_total',
    'Seats that a group answered for and that are not its own',
    [],
  )({});
  const took = metrics.latency(
    'helios_stage_seconds',
    'Time from the reading of a request to the end of a stage',
    ['stage'],
  )({ stage: 'auction' });
  metrics.gauge('helios_open_auctions', 'Auctions waiting for bids', [], () => [
    { labels: {}, value: open.size },
  ]);

  function finish(closed: readonly ClosedAuction[]): void {
    if (closed.length === 0) return;
    const at = { now: clock.now(), closedAt: fineTime(clock) };
    const outcomes: Outgoing<'auction_outcomes'>[] = [];
    const decided: Decided[] = [];
    let sends: Span[] | undefined;
    for (const auction of closed) {
      try {
        const send = add(auction, at, outcomes, decided);
        if (send) (sends ??= []).push(send);
      } catch (error) {
        // A request of a stranger, which no gateway let in; the others have done nothing wrong.
        log.error('auction_not_closed', { error, ...auctionFields(auction.message) });
      }
    }
    // Not waited for: the gateway answers when the journal has the outcome, or 204 at the deadline.
    const { atOnce, stored } = storing.take(outcomes);
    void stored.then(() => open.stored(closed.map(({ message }) => message.auctionId)));
    if (sends) endSends(sends, stored);
    if (decided.length > 0) explaining.take(decided, atOnce);
  }

  function add(
    auction: ClosedAuction,
    { now, closedAt }: Pick<Decided, 'now' | 'closedAt'>,
    outcomes: Outgoing<'auction_outcomes'>[],
    decided: Decided[],
  ): Span | undefined {
    const { auctionId, request, receivedAt } = auction.message;
    const salt = saltOf(auctionId);
    const clearedFrom = auction.span && tracer?.now();
    const result = runAuction({ auctionId, request }, auction.answers, rules, salt.salt);
    const outcome = makeOutcome(auction, result, now);
    outcomes.push({ partition: auction.partition, value: outcome });
    if (isSampled(auctionId, detailSample)) {
      decided.push({ auction, result, rules, salt: salt.named, now, closedAt });
    }
    closedCounts[auction.closedBy].inc();
    tally.closed(auction, result);
    took.observe((now - receivedAt) / 1000);
    return auction.span && traceClosed(auction.span, auction, outcome, clearedFrom);
  }

  /** A group speaks for its own seats: with another's it could have that seat's bids refused as repeated. */
  function ownSeatsOnly(answer: BidResponseMessage): BidResponseMessage {
    const { bidder } = catalog.current;
    const isOwn = ({ seat }: { seat: string }): boolean => bidder.get(seat)?.group === answer.group;
    if (answer.seats.every(isOwn)) return answer;
    const seats = answer.seats.filter(isOwn);
    foreignSeats.inc(answer.seats.length - seats.length);
    return { ...answer, seats };
  }

  let daySalt: { day: number; salt: string; named: Explanation['salt'] } | undefined;
  function saltOf(auctionId: string): { salt: string; named: Explanation['salt'] } {
    const timeMs = parseAuctionId(auctionId)?.timeMs ?? clock.now();
    const day = Math.floor(timeMs / 86_400_000);
    if (daySalt?.day !== day) {
      const name = utcDay(timeMs);
      const salt = catalog.current.salt.get(name)?.salt;
      if (!salt) {
        keepSalts();
        throw new Error(`Cannot close auction ${auctionId}: there is no salt for ${name}`);
      }
      daySalt = { day, salt, named: { day: name, commitment: commitmentOf(salt) } };
    }
    return daySalt;
  }

  async function addSalts(): Promise<void> {
    const missing = missingSalts(catalog.current, clock.now());
    if (missing.length > 0) await catalog.publish(missing);
  }

  let keeping: Promise<void> | undefined;
  /** Each minute, and when one is missed: a machine that has slept for days wakes up without. */
  function keepSalts(): void {
    keeping ??= addSalts()
      .catch((error) => log.error('salt_not_stored', { error }))
      .finally(() => keeping = undefined);
  }

  const sweeper = new Lookout(SWEEP_INTERVAL_MS, () => {
    finish(open.sweep(clock.now()));
    return open.isWaiting;
  });

  /** What is open in other partitions is closed by whoever reads them now. */
  const assigned = ({ partitions }: Share): void => open.keepOnly(partitions);

  return {
    name: 'auction',
    fetch: () => problem(404, 'The auction stage has no routes of its own'),
    async start() {
      await addSalts();
      reader = await bus.read({ as: 'group', group: 'auction', from: 'end', assigned }, {
        bid_requests(batch) {
          const now = clock.now();
          const openedAt = fineTime(clock);
          const closed: ClosedAuction[] = [];
          for (const { partition, offset, value } of batch) {
            const span = tracer && auctionSpan(tracer, value, partition, offset);
            const done = open.request(value, partition, offset, now, openedAt, span);
            if (done) closed.push(done);
          }
          finish(closed);
          if (open.isWaiting) sweeper.wake();
        },
        bid_responses(batch) {
          const now = clock.now();
          const closed: ClosedAuction[] = [];
          for (const { partition, offset, value } of batch) {
            const done = open.answer(ownSeatsOnly(value), partition, offset, now);
            if (done === 'late') tally.late(value.group);
            else if (done) closed.push(done);
          }
          finish(closed);
          if (open.isWaiting) sweeper.wake();
        },
      });
      timers.push(
        setInterval(() => {
          // Below the oldest open auction: after a crash the open ones are read again.
          for (const [partition, { requests, answers }] of open.restarts()) {
            reader!.commit('bid_requests', partition, requests);
            if (answers !== undefined) reader!.commit('bid_responses', partition, answers);
          }
        }, COMMIT_INTERVAL_MS),
        setInterval(keepSalts, SALT_INTERVAL_MS),
      );
    },
    async ready() {
      if (ending) throw new Error('The stage is closing');
      if (!catalog.current.salt.has(utcDay(clock.now()))) {
        keepSalts();
        throw new Error('There is no salt for today');
      }
      await bus.check();
    },
    async close() {
      ending = true;
      storing.end();
      finish(open.sweep(clock.now(), true));
      sweeper.stop();
      for (const timer of timers) clearInterval(timer);
      await reader?.close();
      await explaining.close();
    },
  };
}
