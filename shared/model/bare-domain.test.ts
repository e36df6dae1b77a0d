import { describe, expect, test } from 'vitest';
import { bareDomain, isBareDomain } from './bare-domain.ts';

describe('bareDomain()', () => {
  test.each([
    'ford.com',
    'FORD.com',
    ' ford.com ',
    'ford.com.',
    '.ford.com',
    '*.ford.com',
    'www.ford.com',
    'WWW.Ford.com',
    'ford.com:443',
    'ford.com/cars',
    '//ford.com',
    'https://ford.com',
    'https://www.ford.com:443/cars?a=1#b',
    'https://me@ford.com/',
    'ford.com?a=http://other.com',
  ])('%j means ford.com', (text) => {
    expect(bareDomain(text)).toBe('ford.com');
  });

  test.each(['com', 'www.com', 'shop.ford.com', 'xn--frd-sna.example', 'fördê.example', 'a_b.com'])(
    '%j is one already',
    (text) => {
      expect([isBareDomain(text), bareDomain(text)]).toEqual([true, text]);
    },
  );

  test.each(['', ' ', '*', '.', 'ford.com,bmw.com', 'ford com', 'a..b'])(
    '%j names none',
    (text) => {
      expect([isBareDomain(text), bareDomain(text)]).toEqual([false, undefined]);
    },
  );
});
