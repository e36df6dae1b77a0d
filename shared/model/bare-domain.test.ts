import { describe, expect, test } from 'vitest';
import { bareDomain, dnsName, isBareDomain } from './bare-domain.ts';

/** A character more than a label of the DNS may have. */
const LONG = '日'.repeat(64);

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

  test.each(['com', 'www.com', 'shop.ford.com', 'xn--bcher-kva.example', 'a_b.com'])(
    '%j is one already',
    (text) => {
      expect([isBareDomain(text), bareDomain(text)]).toEqual([true, text]);
    },
  );

  test.each([
    'bücher.example',
    'BÜCHER.example',
    'https://www.bücher.example/neu',
    'bücher.example.',
  ])(
    '%j means it in the DNS',
    (text) => {
      expect([isBareDomain(text), bareDomain(text)]).toEqual([false, 'xn--bcher-kva.example']);
    },
  );

  test.each([
    '',
    ' ',
    '*',
    '.',
    'ford.com,bmw.com',
    'ford com',
    'a..b',
    'ü..b',
    'ü,b',
    '\ud800.b',
    LONG,
  ])(
    '%j names none',
    (text) => {
      expect([isBareDomain(text), bareDomain(text)]).toEqual([false, undefined]);
    },
  );
});

test.each([
  ['日本.example', 'xn--wgv71a.example'],
  ['Straße.example', 'xn--strae-oqa.example'],
  ['Ford.com', 'Ford.com'],
  ['bücher.example/neu', 'bücher.example/neu'],
  ['\ud800.example', '\ud800.example'],
  [`${LONG}.example`, `${LONG}.example`],
])('dnsName() of %j is %j', (name, expected) => {
  expect(dnsName(name)).toBe(expected);
});
