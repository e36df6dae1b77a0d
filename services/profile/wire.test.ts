import { BatchGetProfilesResponse, LookUpProfilesResponse, Profile } from '#proto/profile.ts';
import { Status } from 'nice-grpc';
import { expect, it } from 'vitest';
import { joinProfiles, lookUpBytes } from './wire.ts';

// Lengths around those where the varint before a profile grows.
const profiles = [0, 1, 123, 124, 125, 126, 127, 128, 16_379, 16_380, 16_381, 16_384].map(
  (length) => Profile.fromPartial({ locale: 'x'.repeat(length) }),
);
const entries = profiles.map((profile) => ({ bytes: Profile.encode(profile).finish() }));

it('joinProfiles() writes what BatchGetProfilesResponse.encode() writes', () => {
  const expected = BatchGetProfilesResponse.encode({ profiles }).finish();
  expect(joinProfiles(entries)).toEqual(new Uint8Array(expected));
  expect(joinProfiles([])).toEqual(new Uint8Array());
});

it.each([
  { id: 1, profiles, code: 0, details: '' },
  { id: 4_294_967_295, profiles: [], code: Status.UNAVAILABLE, details: 'Cannot read the store' },
  { id: 0, profiles: [], code: 0, details: '' },
])('lookUpBytes() is read as the answer $id', (answer) => {
  const { id, code, details } = answer;
  const bytes = lookUpBytes({ id, code, details, entries: answer.profiles.length ? entries : [] });
  expect(LookUpProfilesResponse.decode(bytes)).toEqual(answer);
});
