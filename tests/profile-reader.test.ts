import { demoProfiles } from '#shared/demo/profiles.ts';
import { BatchGetProfilesResponse, Profile } from '#proto/profile.ts';
import { describe, expect, it } from 'vitest';
import { readProfile, readProfiles } from '../proto/profile-reader.ts';

describe('readProfiles()', () => {
  it('reads what the generated code reads, also when strings come again', () => {
    const profiles = [...demoProfiles(2_000, 5, 1_800_000_000_000)];
    const bytes = BatchGetProfilesResponse.encode({ profiles }).finish();
    expect(readProfiles(bytes)).toEqual({ profiles });
    expect(readProfiles(bytes)).toEqual({ profiles });
  });
});

describe('readProfile()', () => {
  const texts = [
    '',
    'a',
    'ä',
    'Ã¤',
    '東京',
    '🙂',
    '\u0000',
    '\ufeffa',
    'x'.repeat(40),
    'x'.repeat(41),
  ];

  it.each([...texts, ...texts.toReversed()])('reads %j', (text) => {
    const profile = Profile.fromPartial({ userId: text, segments: [text, 'b', text] });
    expect(readProfile(Profile.encode(profile).finish())).toEqual(profile);
  });

  it('refuses bytes that end too early', () => {
    const bytes = Profile.encode(Profile.fromPartial({ userId: 'somebody' })).finish();
    expect(() => readProfile(bytes.subarray(0, -1))).toThrow('premature EOF');
  });

  it('replaces what is not UTF-8, as the generated code does', () => {
    const bytes = Uint8Array.of(10, 3, 97, 0xff, 98);
    expect(readProfile(bytes)).toEqual(Profile.decode(bytes));
    expect(readProfile(bytes).userId).toBe('a\ufffdb');
  });
});
