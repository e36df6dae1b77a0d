import { type Store, StoreError } from '#shared/store/store.ts';

/** For tests: a store whose reads wait until they are let through. */
export function heldStore(store: Store) {
  let release = () => {};
  let held: Promise<void> | undefined;
  let asked = () => {};
  const getProfiles: Store['getProfiles'] = async (userIds) => {
    const found = await store.getProfiles(userIds);
    asked();
    await held;
    return found;
  };
  return {
    store: new Proxy(store, {
      get(target, name) {
        if (name === 'getProfiles') return getProfiles;
        const member = target[name as keyof Store];
        return typeof member === 'function' ? member.bind(target) : member;
      },
    }),
    /** From now on reads wait; resolves when the first one does. */
    hold(): Promise<void> {
      ({ promise: held, resolve: release } = Promise.withResolvers<void>());
      return new Promise((resolve) => asked = resolve);
    },
    release: () => release(),
  };
}

/** For tests: a store that is away for its first calls of one method. */
export function lateStore(
  store: Store,
  method: 'countProfiles' | 'putProfiles',
  calls: number,
): Store {
  return new Proxy(store, {
    get(target, name) {
      if (name === method && calls-- > 0) {
        return () => Promise.reject(new StoreError('unavailable', 'Cannot read the store: away'));
      }
      const member = target[name as keyof Store];
      return typeof member === 'function' ? member.bind(target) : member;
    },
  });
}
