/** Runs every scenario of tests/auctions, forwards and backwards. */
import type { BidFate, ImpOutcome } from '#shared/model/events.ts';
import { cpmToMicros } from '#shared/model/money.ts';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type AuctionResult, runAuction } from '../services/auction/run-auction.ts';
import {
  parseScenario,
  type Scenario,
  type ScenarioAuction,
  toAuction,
} from './auction-scenario.ts';

const FOLDER = new URL('./auctions/', import.meta.url);
const files = readdirSync(FOLDER).filter((file) => file.endsWith('.json')).sort();

describe('tests/auctions', () => {
  for (const file of files) {
    const scenario = parseScenario(readFileSync(new URL(file, FOLDER), 'utf8'));
    test(`${file}: ${scenario.name}`, () => {
      const { auction, answers, rules, salt } = toAuction(scenario);
      const result = runAuction(auction, answers, rules, salt);
      checkImps(scenario, result);
      for (const expected of scenario.expect.fates) checkFate(expected, result.fates);
      expect(result.fates).toHaveLength(scenario.bids.length);
      expect(runAuction(auction, backwards(answers), rules, salt)).toEqual(result);
    });
  }
});

function checkImps({ expect: { imps } }: Scenario, result: AuctionResult): void {
  expect(result.imps.map((imp) => imp.impid)).toEqual(imps.map((imp) => imp.impid));
  for (const [index, expected] of imps.entries()) {
    expect(summaryOf(result.imps[index]!)).toMatchObject({
      ...expected,
      ...(expected.price !== undefined && { price: cpmToMicros(expected.price) }),
      ...(expected.floor !== undefined && { floor: cpmToMicros(expected.floor) }),
    });
  }
}

/** An outcome under the names a scenario uses, amounts in micros. */
function summaryOf({ impid, winner, bids, eligible, floorMicros, mediaType }: ImpOutcome) {
  return {
    ...{ impid, bids, eligible, mediaType, floor: floorMicros },
    seat: winner?.seat ?? null,
    price: winner?.priceMicros,
    bid: winner?.bidId,
    dealid: winner?.dealid,
    dur: winner?.dur,
  };
}

function checkFate(expected: Scenario['expect']['fates'][number], fates: BidFate[]): void {
  const meant = fates.filter((fate) =>
    fate.seat === expected.seat &&
    (expected.bid === undefined || fate.bidId === expected.bid) &&
    (expected.crid === undefined || fate.crid === expected.crid) &&
    (expected.impid === undefined || fate.impid === expected.impid)
  );
  expect(meant, `fates of ${JSON.stringify(expected)}`).toHaveLength(1);
  const [fate] = meant;
  expect(fate).toMatchObject({ status: expected.status, loss: expected.loss });
  if (expected.rule !== undefined) expect(fate!.rule).toContain(expected.rule);
  if (expected.draw !== undefined) expect(fate!.draw !== undefined).toBe(expected.draw);
}

function backwards(answers: ScenarioAuction['answers']): ScenarioAuction['answers'] {
  return answers.toReversed().map((answer) => ({
    ...answer,
    seats: answer.seats.toReversed().map((seat) => ({ ...seat, bids: seat.bids.toReversed() })),
  }));
}

describe('parseScenario()', () => {
  const scenario = {
    name: 'a scenario for the runner',
    why: 'the runner itself is tested',
    bids: [{ seat: 'acme', price: 1 }],
    expect: { imps: [{ impid: '1', seat: 'acme', bids: 1, eligible: 1 }], fates: [] },
  };

  test('reads a scenario with defaults for everything else', () => {
    const { answers } = toAuction(parseScenario(JSON.stringify(scenario)));
    expect(answers[0]!.seats[0]!.bids[0]).toMatchObject({ id: 'acme-1', priceMicros: 1_000_000 });
  });

  test.each([
    ['expectation of an imp', {
      expect: { imps: [{ ...scenario.expect.imps[0], prize: 1 }], fates: [] },
    }],
    [
      'expectation of a fate',
      { expect: { ...scenario.expect, fates: [{ seat: 'a', status: 'won', loss: 0, lost: 1 }] } },
    ],
    ['bid', { bids: [{ seat: 'acme', prise: 1 }] }],
    ['request', { request: { imp: [{ bidflor: 1 }] } }],
  ])('refuses a field it does not know in the %s', (_where, change) => {
    expect(() => parseScenario(JSON.stringify({ ...scenario, ...change }))).toThrow(
      /nrecognized key/,
    );
  });
});
