import { BatchGetProfilesResponse, Profile } from '#proto/profile.ts';
import { expect, it } from 'vitest';
import { joinProfiles } from './grpc.ts';

it('joinProfiles() writes what BatchGetProfilesResponse.encode() writes', () => {
  // Lengths around those where the varint before a profile grows.
  const profiles = [0, 1, 123, 124, 125, 126, 127, 128, 16_379, 16_380, 16_381, 16_384].map(
    (length) => Profile.fromPartial({ locale: 'x'.repeat(length) }),
  );
  const entries = profiles.map((profile) => ({ bytes: Profile.encode(profile).finish() }));
  const expected = BatchGetProfilesResponse.encode({ profiles }).finish();
  expect(joinProfiles(entries)).toEqual(new Uint8Array(expected));
  expect(joinProfiles([])).toEqual(new Uint8Array());
});
