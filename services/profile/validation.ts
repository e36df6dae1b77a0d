/** What the service accepts. A refusal names the field, its value and what is allowed. */
import { Profile } from '#proto/profile.ts';
import { HISTORY_LENGTH_MAX } from '#shared/model/profile.ts';
import { ServerError, Status } from 'nice-grpc';

/** Characters; longer than any id a publisher or a platform uses. */
const USER_ID_LENGTH_MAX = 128;
/** Profiles in one call, read or written: about 3 ms of work. */
const BATCH_MAX = 1_000;
/** Bytes of an encoded profile, so that the largest batch fits gRPC's message limit of 4 MiB. */
const PROFILE_BYTES_MAX = 4_000;

const USER_ID = new RegExp(`^[^\\p{Cc}\\p{Cs}]{1,${USER_ID_LENGTH_MAX}}$`, 'u');

const GENDER = /^[MFO]?$/;
const COUNTRY = /^([A-Z]{3})?$/;

export function checkUserId(field: string, userId: string): void {
  if (USER_ID.test(userId)) return;
  throw refusal(field, userId, `1 to ${USER_ID_LENGTH_MAX} characters, no control characters`);
}

export function checkUserIds(userIds: readonly string[]): void {
  userIds.forEach((userId, at) => checkUserId(`user_ids[${at}]`, userId));
}

export function checkProfiles(profiles: readonly Profile[]): void {
  checkBatch('profiles', profiles.length);
  profiles.forEach((profile, at) => checkProfile(`profiles[${at}]`, profile));
}

function checkProfile(field: string, profile: Profile): void {
  checkUserId(`${field}.user_id`, profile.userId);
  profile.interests.forEach(({ category, score }, at) => {
    if (category === '') throw refusal(`${field}.interests[${at}].category`, category, 'a name');
    if (!(score >= 0 && score <= 1)) {
      throw refusal(`${field}.interests[${at}].score`, score, '0 to 1');
    }
  });
  const { gender = '', country = '' } = profile.demographics ?? {};
  if (!GENDER.test(gender)) {
    throw refusal(`${field}.demographics.gender`, gender, 'M, F, O or nothing');
  }
  if (!COUNTRY.test(country)) {
    const allowed = 'three capital letters of ISO 3166-1, such as DEU, or nothing';
    throw refusal(`${field}.demographics.country`, country, allowed);
  }
  profile.history.forEach(({ atMs }, at) => checkTime(`${field}.history[${at}].at_ms`, atMs));
  checkTime(`${field}.updated_at_ms`, profile.updatedAtMs);
}

/** What is stored of an accepted profile: the newest visits, and when it was written if it does not say. */
export function encodeProfile(profile: Profile, at: number, nowMs: number): Uint8Array {
  const bytes = Profile.encode({
    ...profile,
    history: profile.history.toSorted((a, b) => b.atMs - a.atMs).slice(0, HISTORY_LENGTH_MAX),
    updatedAtMs: profile.updatedAtMs || nowMs,
  }).finish();
  if (bytes.length <= PROFILE_BYTES_MAX) return bytes;
  throw invalid(`profiles[${at}] has ${bytes.length} bytes: allowed is ${PROFILE_BYTES_MAX}`);
}

/** Whether one call may ask for, or bring, so many. */
export function isBatch(count: number): boolean {
  return count >= 1 && count <= BATCH_MAX;
}

export function checkBatch(field: string, count: number): void {
  if (isBatch(count)) return;
  throw invalid(`${field} has ${count} entries: allowed is 1 to ${BATCH_MAX}`);
}

function checkTime(field: string, ms: number): void {
  if (Number.isSafeInteger(ms) && ms >= 0) return;
  throw refusal(field, ms, 'epoch milliseconds, a whole number');
}

function refusal(field: string, value: unknown, allowed: string): ServerError {
  const text = typeof value === 'string' ? JSON.stringify(value.slice(0, SHOWN_MAX)) : value;
  return invalid(`${field}=${text}: allowed is ${allowed}`);
}

function invalid(message: string): ServerError {
  return new ServerError(Status.INVALID_ARGUMENT, message);
}

/** Characters of a refused value that are shown; errors end in logs. */
const SHOWN_MAX = 160;
