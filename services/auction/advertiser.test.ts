import { describe, expect, test } from 'vitest';
import { advertiserRefusal } from './advertiser.ts';
import { LOSS } from './loss-reasons.ts';

describe('advertiserRefusal()', () => {
  test.each([
    'az.example',
    'AZ.EXAMPLE',
    '0-9.example',
    'my_shop.example',
    'müller.example',
    'localhost',
    `${'a'.repeat(249)}.com`,
  ])('takes %s as a domain', (domain) => {
    expect(advertiserRefusal([domain], ['ford.com'], undefined)).toBeUndefined();
  });

  test.each([
    ...['', '.', '.a.example', 'a..example', 'a.example.', 'a b.example', 'a.example/', 'a:80'],
    ...['*.example', '@a.example', '[a', '`a', '{a', 'a\u007f', `${'a'.repeat(250)}.com`],
  ])('does not take "%s" as a domain', (domain) => {
    const refusal = advertiserRefusal([domain], ['ford.com'], undefined);
    expect(refusal?.loss).toBe(LOSS.invalidAdvertiserDomain);
  });

  test.each([
    ['ford.com', 'ford.com', true],
    ['ford.com', 'a.b.ford.com', true],
    ['Ford.Com', 'shop.FORD.com', true],
    ['ford.com', 'clifford.com', false],
    ['ford.com', 'ford.com.example', false],
    ['shop.ford.com', 'ford.com', false],
    ['xn--bcher-kva.example', 'bücher.example', true],
    ['xn--bcher-kva.example', 'neu.BÜCHER.example', true],
    ['xn--bcher-kva.example', 'xn--bcher-kva.example', true],
    ['', 'ford.com', false],
  ])('by badv "%s" %s is blocked: %s', (name, domain, isBlocked) => {
    const refusal = advertiserRefusal([domain], ['other.example', name], undefined);
    expect(refusal?.loss).toBe(isBlocked ? LOSS.advertiserExcluded : undefined);
  });
});
