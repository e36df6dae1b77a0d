import { describe, expect, it, test } from 'vitest';
import type { BidRequest } from './openrtb.ts';
import { mayIdentify, withholdIdentity } from './privacy.ts';

const user = { id: 'user-001' };

function request(part: Partial<BidRequest>): BidRequest {
  return { id: 'r-1', imp: [{ id: '1' }], ...part };
}

describe('mayIdentify()', () => {
  it.each<[string, Partial<BidRequest>, boolean]>([
    ['nothing said', { user }, true],
    ['children', { user, regs: { coppa: 1 } }, false],
    ['a device that limits tracking', { user, device: { lmt: 1 } }, false],
    ['neither', { user, regs: { gdpr: 0, coppa: 0 }, device: { lmt: 0 } }, true],
    ['gdpr without consent', { user, regs: { gdpr: 1 } }, false],
    ['gdpr with an empty consent', { user: { consent: '' }, regs: { gdpr: 1 } }, false],
    ['gdpr with consent', { user: { consent: 'CO' }, regs: { gdpr: 1 } }, true],
    ['gdpr without a user', { regs: { gdpr: 1 } }, false],
    ['gdpr where it was before 2.6', { user, regs: { ext: { gdpr: 1 } } }, false],
    ['the same as a text', { user, regs: { ext: { gdpr: '1' } } }, false],
    ['no gdpr as a text, there', { user, regs: { ext: { gdpr: '0' } } }, true],
    ['no number at all, there', { user, regs: { ext: { gdpr: { valueOf: 1 } } } }, true],
    [
      'consent where it was before 2.6',
      { user: { ext: { consent: 'CO' } }, regs: { ext: { gdpr: 1 } } },
      true,
    ],
    [
      'that one beside an empty text',
      { user: { consent: '', ext: { consent: 'CO' } }, regs: { gdpr: 1 } },
      true,
    ],
    ['a sale that was refused', { user, regs: { us_privacy: '1YYN' } }, false],
    ['the same before 2.6', { user, regs: { ext: { us_privacy: '1-y-' } } }, false],
    [
      'the same beside an empty text',
      { user, regs: { us_privacy: '', ext: { us_privacy: '1YYN' } } },
      false,
    ],
    ['a sale that was not refused', { user, regs: { us_privacy: '1YNN' } }, true],
    ['a text that says nothing', { user, regs: { us_privacy: '1---' } }, true],
    ['another version', { user, regs: { us_privacy: '2YYN' } }, true],
  ])('of %s', (_, part, expected) => {
    expect(mayIdentify(request(part))).toBe(expected);
  });
});

test('withholdIdentity() takes out who and exactly where, and nothing else', () => {
  const of = request({
    site: { domain: 'example.com' },
    regs: { coppa: 1 },
    user: {
      id: 'user-001',
      buyeruid: 'b-1',
      keywords: 'cars',
      consent: 'CO',
      eids: [{ source: 'id.example' }],
      geo: { country: 'DEU', lat: 52.51234 },
      ...{ yob: 1980, gender: 'F', kwarray: ['cars'], customdata: 'x', data: [{ id: 'd' }] },
      ext: { eids: [{ source: 'id.example' }], data: { a: 1 }, sessions: 3 },
    },
    device: {
      ua: 'Mozilla/5.0',
      ip: '192.0.2.77',
      ipv6: '2001:db8:1:2:3:4:5:6',
      ifa: 'AAAA-1111',
      lmt: 0,
      geo: { country: 'DEU', region: 'BE', city: 'Berlin', lat: 52.51234, lon: -13.40987 },
      ...{ didsha1: 'a', didmd5: 'b', dpidsha1: 'c', dpidmd5: 'd', macsha1: 'e', macmd5: 'f' },
    },
  });
  withholdIdentity(of);
  expect(of).toEqual({
    id: 'r-1',
    imp: [{ id: '1' }],
    site: { domain: 'example.com' },
    regs: { coppa: 1 },
    user: { consent: 'CO', geo: { country: 'DEU', lat: 52.51 }, ext: { sessions: 3 } },
    device: {
      ua: 'Mozilla/5.0',
      ip: '192.0.2.0',
      ipv6: '2001:db8:1::',
      lmt: 0,
      geo: { country: 'DEU', region: 'BE', city: 'Berlin', lat: 52.51, lon: -13.41 },
    },
  });
});

test('a request without user and device stays as it is', () => {
  const of = request({ regs: { coppa: 1 } });
  withholdIdentity(of);
  expect(of).toEqual(request({ regs: { coppa: 1 } }));
});

test.each([
  ['203.0.113.255', '203.0.113.0'],
  ['2001:db8::', '2001:db8::'],
  ['2001:DB8:0:0:1::1', '2001:db8::'],
  ['2001:db8:abcd::1', '2001:db8:abcd::'],
  ['::1', '::'],
  ['::ffff:192.0.2.1', '::'],
  ['fe80:1:2:3:4:5:192.0.2.1', 'fe80:1:2::'],
  ['1::2:3:4:5:6:7', '1:0:2::'],
  ['not an address', ''],
  ['192.0.2.1.5', ''],
  ['[::1]', ''],
  ['', ''],
])('of the address %s stays %s', (address, expected) => {
  const of = request({ device: { ip: address, ipv6: address } });
  withholdIdentity(of);
  expect(of.device).toEqual({ ip: expected, ipv6: expected });
});
