export type Fate = 'won' | 'lost' | 'invalid' | 'no_bid' | 'late' | 'test';

const WORDS: Record<Fate, string> = {
  won: 'Won',
  lost: 'Lost',
  invalid: 'Refused',
  no_bid: 'No bid',
  late: 'Late',
  test: 'Test',
};

/** What became of a bid, an imp or an auction, in the colours that mean it everywhere. */
export function Badge(props: { fate: Fate; text?: string }) {
  return <span class='badge' data-fate={props.fate}>{props.text ?? WORDS[props.fate]}</span>;
}
