/**
 * Whether the invariants of an exchange held, from what a run left behind. Pure: what is read and
 * how is `check-invariants.ts`. Each rule names its invariant:
 *
 * - I1 who was answered or promised an answer has exactly one outcome, and in time
 * - I2 the money of the ledger is the money of the warehouse, to the micro
 * - I4 what a publisher was told is what was stored; what came too late is marked undelivered
 * - I5 answers come by their deadline (reported, not judged: a busy machine is late)
 * - I6 no process has grown out of bounds
 * - I7 nothing is left to do, and the warehouse has everything once
 * - own: every POST got its own answer, and a repeated key the first one
 */
import { parseAuctionId } from '#shared/model/auction-id.ts';
import type { AuctionOutcome } from '#shared/model/events.ts';
import { type Facts, firstOutcomes, type Kept, type NotedAnswer } from './facts.ts';
import { judgeWarehouse } from './judge-warehouse.ts';
import { Violations } from './violations.ts';

export interface Report {
  /** One line each; the first few of a rule, and how many there were. */
  violations: string[];
  counts: Record<string, number>;
}

/** No-bid reasons of an answer that no outcome stands behind: no outcome in time, no time to hold an auction. */
const WITHOUT_OUTCOME: ReadonlySet<string> = new Set(['1', '15']);
/** ms after its outcome in which a gateway's death excuses a missing `undelivered`. */
const EVENT_MS = 5_000;

/** MB. A process with ClickHouse in it has 500; one that keeps what it should not gets here in minutes. */
const RSS_MB_MAX = 1_500;

/** @param graceMs after its deadline within which an auction must have its outcome. */
export function judge(facts: Facts, graceMs: number): Report {
  const found = new Violations();
  const outcomes = firstOutcomes(facts.outcomes);
  const undelivered = new Set(facts.events.map(({ value }) => value.auctionId));
  judgePlaces(facts, found);
  judgeAnswered(facts, found);
  judgeKeys(facts.answers, found);
  for (const answer of facts.answers) {
    if (answer.auctionId === undefined) continue;
    const stored = outcomes.get(answer.auctionId);
    judgeOutcome(answer, stored, { facts, graceMs }, found);
    if (stored) judgeAnswer(answer, stored, undelivered, facts, found);
  }
  for (const { process, rssMb } of facts.memory) {
    if (rssMb > RSS_MB_MAX) found.add('I6', `${process} has ${rssMb} MB of memory`);
  }
  judgeWarehouse({ facts, outcomes, undelivered }, found);
  return { violations: found.lines(), counts: count(facts, outcomes, undelivered) };
}

/** The first of an auction's outcomes can only be told when all are in one partition. */
function judgePlaces({ outcomes }: Facts, found: Violations): void {
  for (const { partition, value: { auctionId } } of outcomes) {
    const own = parseAuctionId(auctionId)?.partition;
    if (own !== partition) found.add('I1', `${auctionId} of ${own} has an outcome in ${partition}`);
  }
}

function judgeAnswered({ answers, outages }: Facts, found: Violations): void {
  const seen = new Map<string, NotedAnswer>();
  for (const answer of answers) {
    const { door, sentAt, tookMs, status, auctionId, requestId, key, body } = answer;
    const isAway = outages.some((one) =>
      one.door === door && one.from <= sentAt + tookMs && one.to >= sentAt
    );
    const expected = status === 200 || status === 202 || status === 204;
    if (!expected && status !== 503 && !isAway) {
      found.add('own', `${requestId} at ${door} got ${status === 0 ? 'no answer' : status}`);
    }
    if (expected && !auctionId) found.add('own', `${requestId} at ${door} got no auction id`);
    if (body && body.requestId !== requestId && key === undefined) {
      found.add('own', `${requestId} at ${door} got the answer to ${body.requestId}`);
    }
    if (body && body.auctionId !== auctionId) {
      found.add('own', `${requestId}: header says ${auctionId}, body ${body.auctionId}`);
    }
    if (!auctionId) continue;
    const other = seen.get(auctionId);
    if (other && (key === undefined || other.key !== key)) {
      found.add('own', `${requestId} and ${other.requestId} share auction ${auctionId}`);
    }
    seen.set(auctionId, answer);
  }
}

function judgeKeys(answers: readonly NotedAnswer[], found: Violations): void {
  const first = new Map<string, NotedAnswer>();
  for (const answer of answers) {
    const { key, auctionId, status } = answer;
    if (key === undefined || auctionId === undefined) continue;
    const before = first.get(key);
    if (!before) first.set(key, answer);
    else if (before.auctionId !== auctionId) {
      found.add('own', `key ${key} is auction ${before.auctionId} and ${auctionId}`);
    } else if (before.status !== status || !isSame(before.body, answer.body)) {
      found.add('own', `key ${key} got ${before.status} and ${status}, or different bodies`);
    }
  }
}

function judgeOutcome(
  { auctionId, status, noBid, requestId, door, sentAt, tmaxMs }: NotedAnswer,
  stored: Kept<AuctionOutcome> | undefined,
  { facts, graceMs }: { facts: Facts; graceMs: number },
  found: Violations,
): void {
  const needed = status === 200 || status === 202 ||
    (status === 204 && !WITHOUT_OUTCOME.has(noBid ?? ''));
  if (!stored) {
    const isExcused = status === 202 && facts.requestsAreLocal &&
      facts.outages.some(({ door: away, from }) =>
        away === door && from >= sentAt && from <= sentAt + tmaxMs + EVENT_MS
      );
    if (needed && !isExcused) {
      found.add('I1', `${auctionId} got ${status} at ${door} and has no outcome`);
    }
    return;
  }
  const { issuedAt, deadline, requestId: storedId } = stored.value;
  const lateMs = issuedAt - deadline;
  if (lateMs > graceMs) found.add('I1', `${auctionId} has its outcome ${lateMs} ms late`);
  if (status === 202 && storedId !== requestId) {
    found.add('own', `${requestId} was promised the outcome of ${storedId}`);
  }
}

function judgeAnswer(
  { auctionId, status, noBid, body, door, sentAt, key }: NotedAnswer,
  { value }: Kept<AuctionOutcome>,
  undelivered: ReadonlySet<string>,
  { outages }: Facts,
  found: Violations,
): void {
  const wins = value.imps.flatMap(({ impid, winner }) =>
    winner
      ? [{ impid, seat: winner.seat, campaign: winner.cid, priceMicros: winner.priceMicros }]
      : []
  );
  if (status === 200) {
    if (!isSame(inOrder(body?.wins ?? []), inOrder(wins))) {
      const told = JSON.stringify(body?.wins);
      found.add('I4', `${auctionId}: told ${told}, stored ${JSON.stringify(wins)}`);
    }
    if (undelivered.has(auctionId!)) found.add('I4', `${auctionId} got 200 and is undelivered`);
  }
  if (status !== 204 || wins.length === 0) return;
  if (!WITHOUT_OUTCOME.has(noBid ?? '')) {
    found.add('I4', `${auctionId}: told that nobody won, stored ${JSON.stringify(wins)}`);
  }
  // The gateway that got the first of a key's requests tells of it.
  const isExcused = outages.some(({ door: away, from }) =>
    (away === door || key !== undefined) && from >= sentAt && from <= value.issuedAt + EVENT_MS
  );
  if (!undelivered.has(auctionId!) && !isExcused) {
    found.add('I4', `${auctionId} was won, answered empty, and is not undelivered`);
  }
}

function count(
  { answers, outcomes, lags, memory }: Facts,
  first: ReadonlyMap<string, Kept<AuctionOutcome>>,
  undelivered: ReadonlySet<string>,
): Record<string, number> {
  const by = (status: number): number => answers.filter((one) => one.status === status).length;
  const overMs = answers.filter(({ fault, status }) => !fault && (status === 200 || status === 204))
    .map(({ tookMs, tmaxMs }) => tookMs - tmaxMs).sort((a, b) => a - b);
  return {
    posts: answers.length,
    filled: by(200),
    empty: by(204),
    accepted: by(202),
    refused: by(503),
    unanswered: by(0),
    auctions: first.size,
    repeated: outcomes.length - first.size,
    undelivered: undelivered.size,
    lag: lags.reduce((sum, { lag }) => sum + lag, 0),
    rssMbMost: Math.max(0, ...memory.map(({ rssMb }) => rssMb)),
    // By how much the slowest of a thousand missed its deadline; below 0 it did not.
    overTmaxMsP999: Math.round(overMs[Math.floor(overMs.length * 0.999)] ?? 0),
  };
}

function inOrder<Win extends { impid: string }>(wins: readonly Win[]): Win[] {
  return wins.toSorted((a, b) => a.impid < b.impid ? -1 : 1);
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
