import { Profile, type ProfileServiceClient, ProfileServiceDefinition } from '#proto/profile.ts';
import { type CallOptions, ClientError, ServerError, Status } from 'nice-grpc';
import type { ProfileService } from './profile-service.ts';
import { isBatch } from './validation.ts';

/** What callers in this process need no long call for is left out. */
export type LocalClient = Omit<ProfileServiceClient, 'lookUpProfiles'>;

/**
 * The generated client interface onto a service in this process: same checks, same
 * {@link ClientError}s, no wire. Profiles it gives are shared with its cache: callers MUST NOT
 * change them. A call that is answered without waiting for anything outside this process (from the
 * cache, or by a store in it) never looks at `options.signal`, so a signal that is made on being
 * read (a getter) costs nothing then.
 */
export function createLocalClient(service: ProfileService): LocalClient {
  return {
    async getProfile({ userId = '' }, options) {
      const entry = service.cached([userId])?.[0] ??
        await waited('getProfile', options, () => service.get(userId));
      return entry.profile;
    },
    async batchGetProfiles({ userIds = [] }, options) {
      const atHand = isBatch(userIds.length) ? service.cached(userIds) : undefined;
      const entries = atHand ??
        await waited('batchGetProfiles', options, () => service.batchGet(userIds));
      return { profiles: entries.map(({ profile }) => profile) };
    },
    async putProfiles({ profiles = [] }, options) {
      const whole = profiles.map((profile) => Profile.fromPartial(profile));
      return { stored: await waited('putProfiles', options, () => service.put(whole)) };
    },
    async deleteProfile({ userId = '' }, options) {
      return { deleted: await waited('deleteProfile', options, () => service.delete(userId)) };
    },
  };
}

type Method = keyof typeof ProfileServiceDefinition.methods;

/** Microtasks in which a store in this process has answered: 8 with SQLite, and some to spare. */
const TURNS_AT_ONCE = 16;

/** The call's result or error as a remote caller would see it, or the signal's reason when that is first. */
async function waited<T>(
  method: Method,
  options: CallOptions | undefined,
  call: () => Promise<T>,
): Promise<T> {
  let settled = false;
  const done = call().then((answer) => {
    settled = true;
    return answer;
  }, (error: unknown) => {
    settled = true;
    throw clientError(method, error);
  });
  // Until somebody awaits it, a rejection must not count as unheard of.
  done.catch(() => {});
  for (let turn = 0; turn < TURNS_AT_ONCE && !settled; turn++) await undefined;
  const signal = settled ? undefined : options?.signal;
  if (!signal) return await done;
  signal.throwIfAborted();
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal.reason);
  signal.addEventListener('abort', abort);
  try {
    return await Promise.race([done, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

function clientError(method: Method, error: unknown): ClientError {
  const path = `/${ProfileServiceDefinition.fullName}/${
    ProfileServiceDefinition.methods[method].name
  }`;
  return error instanceof ServerError
    ? new ClientError(path, error.code, error.details)
    : new ClientError(path, Status.INTERNAL, error instanceof Error ? error.message : `${error}`);
}
