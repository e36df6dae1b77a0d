import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ImpOutcome } from '#shared/model/events.ts';
import { FIRST_BITS } from '#shared/warehouse/outcome-projections.ts';
import { firstsOf } from './firsts.ts';
import { impOutcome, WINNER } from './test-records.ts';

const someImp: fc.Arbitrary<ImpOutcome> = fc.record({
  seat: fc.constantFrom('acme', 'zest'),
  cid: fc.constantFrom('1', '2', ''),
  won: fc.boolean(),
}).map(({ seat, cid, won }) => {
  const imp = impOutcome({ winner: { ...WINNER, seat, cid } });
  if (!won) delete imp.winner;
  return imp;
});

/** Each kind of row once per auction, whichever rows there are. */
test('of the rows of one kind, exactly one has the bit', () => {
  fc.assert(fc.property(fc.array(someImp, { minLength: 1, maxLength: 6 }), (imps) => {
    const bits = imps.map((_, at) => firstsOf(imps, at));
    const kinds = {
      any: () => '',
      win_status: ({ winner }: ImpOutcome) => `${winner !== undefined}`,
      seat: ({ winner }: ImpOutcome) => `${winner?.seat}`,
      campaign_id: ({ winner }: ImpOutcome) => `${winner?.cid}`,
      seat_and_campaign: ({ winner }: ImpOutcome) => `${winner?.seat}/${winner?.cid}`,
    };
    for (
      const [name, kindOf] of Object.entries(kinds) as [keyof typeof kinds, typeof kinds.seat][]
    ) {
      const counted = imps.filter((_, at) => bits[at]! & 1 << FIRST_BITS[name]).map(kindOf);
      expect(counted).toEqual([...new Set(imps.map(kindOf))]);
    }
    for (const value of bits) expect(value & 1 << FIRST_BITS.known).not.toBe(0);
  }));
});
