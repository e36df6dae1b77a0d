import { DEMO_PROFILES, DEMO_SEED, demoProfiles } from '#shared/demo/profiles.ts';
import type { Log } from '#shared/log.ts';
import type { Clock } from '#shared/service.ts';
import { type Store, StoreError } from '#shared/store/store.ts';
import { ServerError, Status } from 'nice-grpc';
import type { ProfileService } from './profile-service.ts';

export interface DemoUsersOptions {
  store: Store;
  service: ProfileService;
  clock: Clock;
  log: Log;
  /** ms between attempts while the store is away. */
  retryMs?: number;
}

/** Gives an empty store the demo's users, `user-001` and so on. */
export class DemoUsers {
  readonly #options: DemoUsersOptions;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  constructor(options: DemoUsersOptions) {
    this.#options = options;
  }

  /** Resolves also when the store is away: then it is tried again until it is there. */
  async load(): Promise<void> {
    const { store, service, clock, log, retryMs = 1_000 } = this.#options;
    try {
      if (await store.countProfiles() > 0) return;
      await service.put([...demoProfiles(DEMO_PROFILES, DEMO_SEED, clock.now())]);
      log.info('demo_profiles_stored', { profiles: DEMO_PROFILES });
    } catch (error) {
      if (!isAway(error)) throw error;
      if (this.#closed) return;
      this.#timer = setTimeout(() => {
        this.load().catch((error) => log.error('demo_profiles_failed', { error }));
      }, retryMs);
    }
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }
}

function isAway(error: unknown): boolean {
  return error instanceof StoreError && error.code === 'unavailable' ||
    error instanceof ServerError && error.code === Status.UNAVAILABLE;
}
