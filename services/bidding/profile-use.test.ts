import { describe, expect, it } from 'vitest';
import type { BidRequest } from '#shared/model/openrtb.ts';
import { profileAsk, profileUse } from './profile-use.ts';
import { profile, request } from './test-samples.ts';

const user = { id: 'user-001' };

describe('profileAsk()', () => {
  it.each<[string, Partial<BidRequest>, string]>([
    ['a user', { user }, 'user-001'],
    ['nobody', {}, 'no_user'],
    ['an empty id', { user: { id: '' } }, 'no_user'],
    ['a child', { user, regs: { coppa: 1 } }, 'no_consent'],
    ['a device with limited tracking', { user, device: { lmt: 1 } }, 'no_consent'],
    ['gdpr without consent', { user, regs: { gdpr: 1 } }, 'no_consent'],
    [
      'gdpr with empty consent',
      { user: { ...user, consent: '' }, regs: { gdpr: 1 } },
      'no_consent',
    ],
    ['gdpr with consent', { user: { ...user, consent: 'CO' }, regs: { gdpr: 1 } }, 'user-001'],
    ['no gdpr', { user, regs: { gdpr: 0, coppa: 0 }, device: { lmt: 0 } }, 'user-001'],
    ['gdpr where it was before 2.6', { user, regs: { ext: { gdpr: 1 } } }, 'no_consent'],
    ['gdpr as a text, there', { user, regs: { ext: { gdpr: '1' } } }, 'no_consent'],
    [
      'no number at all, there',
      { user, regs: { ext: { gdpr: { valueOf: 1, toString: 1 } } } },
      'user-001',
    ],
    ['no gdpr as a text, there', { user, regs: { ext: { gdpr: '0' } } }, 'user-001'],
    [
      'consent where it was before 2.6',
      { user: { ...user, ext: { consent: 'CO' } }, regs: { ext: { gdpr: 1 } } },
      'user-001',
    ],
    ['nobody, under gdpr', { regs: { gdpr: 1 } }, 'no_consent'],
  ])('of %s', (_, part, expected) => {
    const { userId, reason } = profileAsk(request(part));
    expect(userId ?? reason).toBe(expected);
  });
});

describe('profileUse()', () => {
  it('gives no profile of a user who refuses personalisation', () => {
    const refused = profile({ consent: { personalisation: false, tcf: '' } });
    expect(profileUse(refused)).toEqual({ profile: undefined, reason: 'no_consent' });
  });

  it('gives the profile of a user who was never asked', () => {
    const unasked = profile({ consent: undefined });
    expect(profileUse(unasked)).toEqual({ profile: unasked, reason: undefined });
  });

  it('tells an unknown user', () => {
    expect(profileUse(undefined)).toEqual({ profile: undefined, reason: 'not_found' });
  });
});
