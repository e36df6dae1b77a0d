/** Profiles on the wire, as the bytes they are stored as. */
import { LookUpProfilesResponse, ProfileServiceDefinition } from '#proto/profile.ts';
import type { Status } from 'nice-grpc';
import type { CachedProfile } from './profile-cache.ts';

const { methods } = ProfileServiceDefinition;

/**
 * Profiles leave as they are stored: without being decoded and encoded again a batch costs a tenth.
 * On the wire it is the same as {@link ProfileServiceDefinition}.
 */
export const bytesDefinition = {
  ...ProfileServiceDefinition,
  methods: {
    ...methods,
    getProfile: {
      ...methods.getProfile,
      responseType: {
        encode: ({ bytes }: CachedProfile) => ({ finish: () => bytes }),
        decode: onlySent,
      },
    },
    batchGetProfiles: {
      ...methods.batchGetProfiles,
      responseType: {
        encode: (entries: CachedProfile[]) => ({ finish: () => joinProfiles(entries) }),
        decode: onlySent,
      },
    },
    lookUpProfiles: {
      ...methods.lookUpProfiles,
      responseType: {
        encode: (answer: LookUpAnswer) => ({ finish: () => lookUpBytes(answer) }),
        decode: onlySent,
      },
    },
  },
};

function onlySent(): never {
  throw new Error('Cannot decode an answer: this side only sends them');
}

/** What answers one request of a `LookUpProfiles`. */
export interface LookUpAnswer {
  id: number;
  entries: readonly { bytes: Uint8Array }[];
  code?: Status;
  details?: string;
}

/** `LookUpProfilesResponse`; the profiles are its field 2. */
export function lookUpBytes({ id, entries, code, details }: LookUpAnswer): Uint8Array {
  const head = LookUpProfilesResponse.fromPartial({ id, code, details });
  return joinProfiles(entries, 2, LookUpProfilesResponse.encode(head).finish());
}

/**
 * `BatchGetProfilesResponse`: before each profile the tag of its field and its length as a varint.
 * @param head fields that come before, encoded
 */
export function joinProfiles(
  entries: readonly { bytes: Uint8Array }[],
  field = 1,
  head: Uint8Array = NOTHING,
): Uint8Array {
  let length = head.length;
  for (const { bytes } of entries) length += 1 + varintLength(bytes.length) + bytes.length;
  const joined = new Uint8Array(length);
  joined.set(head);
  let at = head.length;
  for (const { bytes } of entries) {
    joined[at++] = (field << 3) | BYTES;
    let rest = bytes.length;
    for (; rest > 0x7f; rest >>>= 7) joined[at++] = (rest & 0x7f) | 0x80;
    joined[at++] = rest;
    joined.set(bytes, at);
    at += bytes.length;
  }
  return joined;
}

const NOTHING = new Uint8Array();
/** The wire type: https://protobuf.dev/programming-guides/encoding */
const BYTES = 2;

function varintLength(value: number): number {
  return value < 2 ** 7 ? 1 : value < 2 ** 14 ? 2 : value < 2 ** 21 ? 3 : 4;
}
