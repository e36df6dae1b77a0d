/** The stages' own counters of what was lost, late or refused. */

/** `name{labels}` → count, over all processes. */
export type Drops = Record<string, number>;

const COUNTERS = [
  'helios_requests_total',
  'helios_bidding_dropped_total',
  'helios_bidding_failed_total',
  'helios_bidding_unpublished_total',
  'helios_dead_letters_total',
  'helios_dropped_total',
  'helios_late_answers_total',
  'helios_undelivered_total',
  'helios_profile_lookups_total',
];
/** How most requests and look-ups should end. */
const GOOD = /result="(filled|no_bid|accepted|found|hit|not_found|no_user)"/;

/** @param addresses of `/metrics` */
export async function readDrops(addresses: readonly string[]): Promise<Drops> {
  const all: Drops = {};
  for (const address of addresses) {
    const text = await (await fetch(address)).text();
    for (const line of text.split('\n')) {
      const [, name = '', labels = '', value] = /^(\w+)(\{[^}]*\})? (\S+)$/.exec(line) ?? [];
      if (!COUNTERS.includes(name) || GOOD.test(labels)) continue;
      all[name + labels] = (all[name + labels] ?? 0) + Number(value);
    }
  }
  return all;
}

/** Those that moved. */
export function dropsBetween(before: Drops, after: Drops): Drops {
  const moved = Object.entries(after).map(([name, value]) =>
    [name, value - (before[name] ?? 0)] as const
  );
  return Object.fromEntries(moved.filter(([, by]) => by > 0));
}

export function addedUp(drops: Drops, names: RegExp): number {
  return Object.entries(drops).reduce((sum, [name, by]) => sum + (names.test(name) ? by : 0), 0);
}
