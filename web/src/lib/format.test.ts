import { afterEach, expect, test } from 'vitest';
import { averageCpm, cpm, money, typedDecimal } from './format.ts';

const page = document.documentElement;
afterEach(() => {
  delete page.dataset['locale'];
  page.removeAttribute('lang');
});

test("figures are in the reader's language, whatever that of the words", () => {
  page.lang = 'en';
  expect([cpm(1234.5), money(1.5, 'USD')]).toEqual(['1,234.500', '$1.50']);
  page.dataset['locale'] = 'de-DE';
  expect(cpm(1234.5)).toBe('1.234,500');
});

test('a decimal may be typed as figures are shown, and as the API has them', () => {
  page.dataset['locale'] = 'de-DE';
  expect(['1,62', '1.62', '2', 'x'].map(typedDecimal)).toEqual(['1.62', '1.62', '2', 'x']);
  page.dataset['locale'] = 'en';
  expect(['1,62', '1.62'].map(typedDecimal)).toEqual(['1,62', '1.62']);
});

test('a price has all its digits, an average three', () => {
  expect([cpm(2.41), cpm(0.8505), cpm(0.000001), cpm(null)]).toEqual([
    '2.410',
    '0.8505',
    '0.000001',
    '–',
  ]);
  expect([averageCpm(2.41), averageCpm(0.8505)]).toEqual(['2.410', '0.851']);
});
