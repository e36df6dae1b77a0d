import { describe, expect, it } from 'vitest';
import { substituteMacros } from './macros.ts';

describe('substituteMacros()', () => {
  it('puts values in, in every place', () => {
    const text = 'https://t.example/w?p=${AUCTION_PRICE}&i=${AUCTION_IMP_ID}&q=${AUCTION_PRICE}';
    expect(substituteMacros(text, { PRICE: 0.201, IMP_ID: '1' }))
      .toBe('https://t.example/w?p=0.201&i=1&q=0.201');
  });

  it('knows all fourteen of the text, and removes those without a value', () => {
    const names = 'ID BID_ID IMP_ID SEAT_ID AD_ID PRICE CURRENCY MBR LOSS MIN_TO_WIN ' +
      'MULTIPLIER IMP_TS DISCOUNT_PCT DISCOUNT_CPM';
    const text = names.split(' ').map((name) => '${AUCTION_' + name + '}').join('');
    expect(names.split(' ')).toHaveLength(14);
    expect(substituteMacros(`<${text}>`, {})).toBe('<>');
  });

  it('encodes in Base64 when asked, and leaks nothing in an encoding it does not know', () => {
    expect(substituteMacros('${AUCTION_PRICE:B64}', { PRICE: 1.5 })).toBe('MS41');
    expect(substituteMacros('${AUCTION_SEAT_ID:B64}', { SEAT_ID: 'é' })).toBe('w6k=');
    expect(substituteMacros('[${AUCTION_PRICE:AES}]', { PRICE: 1.5 })).toBe('[]');
    expect(substituteMacros('[${AUCTION_PRICE:AES-128}${AUCTION_PRICE:}]', { PRICE: 1.5 })).toBe(
      '[]',
    );
  });

  it('leaves alone what is no macro', () => {
    const text =
      '${AUCTION_UNKNOWN} ${AUCTION_PRICE ${CACHEBUSTER} $AUCTION_PRICE ${auction_price}';
    expect(substituteMacros(text, { PRICE: 1 })).toBe(text);
  });

  it('does not look for macros in the values', () => {
    expect(substituteMacros('${AUCTION_ID}', { ID: '${AUCTION_PRICE}', PRICE: 9 }))
      .toBe('${AUCTION_PRICE}');
    expect(substituteMacros('${AUCTION_ID}', { ID: '$&$1' })).toBe('$&$1');
  });
});
