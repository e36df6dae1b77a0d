/** Whether the warehouse has what the ledger has: everything, once, and the same money. */
import type { AuctionOutcome } from '#shared/model/events.ts';
import type { Facts, Kept, StoredRow } from './facts.ts';
import type { Violations } from './violations.ts';

export interface Ledger {
  facts: Facts;
  outcomes: ReadonlyMap<string, Kept<AuctionOutcome>>;
  undelivered: ReadonlySet<string>;
}

export function judgeWarehouse({ facts, outcomes, undelivered }: Ledger, found: Violations): void {
  for (const { group, topic, lag } of facts.lags) {
    if (lag > 0) found.add('I7', `${group} is ${lag} records behind in ${topic}`);
  }
  const expected = expectedRows(outcomes);
  judgeRows(facts.rows, expected, found);
  const money = billable([...expected.values()], undelivered);
  const stored = new Set(facts.storedUndelivered);
  compareMoney('without FINAL', money, billable(facts.rows, stored), found);
  compareMoney('with FINAL', money, billable(facts.finalRows, stored), found);
  for (const id of undelivered) {
    if (!stored.has(id)) found.add('I2', `${id} is undelivered, and the warehouse bills it`);
  }
  for (const id of stored) {
    if (!undelivered.has(id)) found.add('I2', `only the warehouse has ${id} as undelivered`);
  }
}

/** By auction and imp. */
function expectedRows(
  outcomes: ReadonlyMap<string, Kept<AuctionOutcome>>,
): Map<string, StoredRow> {
  const rows = new Map<string, StoredRow>();
  for (const [auctionId, { partition, offset, value }] of outcomes) {
    for (const { impid, winner } of value.imps) {
      rows.set(`${auctionId}/${impid}`, {
        auctionId,
        impid,
        campaign: winner?.cid ?? '',
        won: winner !== undefined,
        priceMicros: winner?.priceMicros ?? 0,
        partition,
        offset,
      });
    }
  }
  return rows;
}

function judgeRows(
  rows: readonly StoredRow[],
  expected: ReadonlyMap<string, StoredRow>,
  found: Violations,
): void {
  const seen = new Set<string>();
  for (const row of rows) {
    const name = `${row.auctionId}/${row.impid}`;
    const wanted = expected.get(name);
    if (seen.has(name)) found.add('I7', `the warehouse has ${name} more than once`);
    else if (!wanted) found.add('I7', `the warehouse has ${name}, the ledger has not`);
    else if (JSON.stringify(row) !== JSON.stringify(wanted)) {
      const texts = [row, wanted].map((one) => JSON.stringify(one));
      found.add('I2', `${name} is ${texts[0]} in the warehouse, ${texts[1]} in the ledger`);
    }
    seen.add(name);
  }
  for (const name of expected.keys()) {
    if (!seen.has(name)) found.add('I7', `the warehouse lacks ${name}`);
  }
}

/** Micros that each campaign owes: of its wins, those that were delivered. */
function billable(
  rows: readonly StoredRow[],
  undelivered: ReadonlySet<string>,
): Map<string, number> {
  const sums = new Map<string, number>();
  for (const { auctionId, campaign, won, priceMicros } of rows) {
    if (!won || undelivered.has(auctionId)) continue;
    sums.set(campaign, (sums.get(campaign) ?? 0) + priceMicros);
  }
  return sums;
}

function compareMoney(
  how: string,
  ledger: ReadonlyMap<string, number>,
  warehouse: ReadonlyMap<string, number>,
  found: Violations,
): void {
  for (const campaign of new Set([...ledger.keys(), ...warehouse.keys()])) {
    const [owed, billed] = [ledger.get(campaign) ?? 0, warehouse.get(campaign) ?? 0];
    if (owed === billed) continue;
    found.add('I2', `${campaign} owes ${owed} micros, the warehouse ${how} has ${billed}`);
  }
}
