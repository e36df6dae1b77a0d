/** The store on a real Redis: single, behind sentinels and as a cluster, and what each loses. */
import process from 'node:process';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { EngineNode } from '../../scripts/engines/engine-process.ts';
import { startRedisCluster } from '../../scripts/engines/redis-cluster.ts';
import { type RunningSentinel, startSentinel } from '../../scripts/engines/redis-sentinel.ts';
import { askRedis } from '../../scripts/engines/redis-ask.ts';
import { type RunningRedis, startRedis } from '../../scripts/engines/redis.ts';
import { freePorts } from '../../scripts/engines/free-ports.ts';
import { startedRedis } from '../../scripts/engines/started.ts';
import { describeStore } from './contract.ts';
import { createRedisStore } from './redis.ts';
import { type Store, StoreError } from './store.ts';

let prefixes = 0;
/** Keys of its own make a store that is empty. */
async function emptyStore(url: string): Promise<Store> {
  const keyPrefix = `test-${process.pid}-${++prefixes}[*]:`;
  const store = await createRedisStore({ url, keyPrefix, onError: () => {} });
  await vi.waitFor(() => store.check(), 15_000);
  return store;
}

describeStore('createRedisStore(redis://)', () => emptyStore(startedRedis()));

describe('createRedisStore(redis-sentinel://)', () => {
  let sentinel: RunningSentinel;
  beforeAll(async () => void (sentinel = await startSentinel()));
  afterAll(() => sentinel?.stop());

  describeStore('createRedisStore(redis-sentinel://)', () => emptyStore(sentinel.url));

  it('works again by itself after its master was killed', async () => {
    const store = await emptyStore(sentinel.url);
    try {
      await store.putProfiles([{ userId: 'a', bytes: Uint8Array.of(1) }]);
      expect(await store.claim('k', 'before', 60_000)).toBeUndefined();
      const master = await sentinel.master();
      // What the replica has is not lost with the master.
      await vi.waitFor(async () => expect(await replicasBehind(master)).toBe(0), 10_000);
      await master.kill();
      await expect(store.check()).rejects.toMatchObject({ code: 'unavailable' });
      await expect(store.claim('other', 'v', 60_000)).rejects.toMatchObject({
        code: 'unavailable',
      });
      await expect.poll(() => works(store), { timeout: 80_000 }).toBe(true);
      expect(await store.getProfiles(['a'])).toMatchObject([{ 0: 1 }]);
      expect(await store.claim('k', 'after', 60_000)).toBe('before');
      expect(await store.claim('new', 'after', 60_000)).toBeUndefined();
      await master.start();
    } finally {
      await store.close();
    }
  });
});

describe('createRedisStore(redis-cluster://)', () => {
  let cluster: RunningRedis;
  beforeAll(async () => void (cluster = await startRedisCluster()));
  afterAll(() => cluster?.stop());

  describeStore('createRedisStore(redis-cluster://)', () => emptyStore(cluster.url));

  it('finds the whole cluster by one of its nodes, and spreads over all', async () => {
    const store = await emptyStore(`redis-cluster://${cluster.addresses[1]}`);
    try {
      await store.putProfiles(many(300));
      for (const address of cluster.addresses) {
        const keys = await askRedis(portOf(address), 'DBSIZE');
        expect(Number(keys.slice(1)), address).toBeGreaterThan(0);
      }
      expect(await store.countProfiles()).toBe(300);
    } finally {
      await store.close();
    }
  });

  it('reads what the other nodes have while one is away', async () => {
    const store = await emptyStore(cluster.url);
    // Otherwise the others refuse after two seconds, as is Redis's default.
    const goOn = (yes: boolean) =>
      Promise.all(
        cluster.addresses.map((address) =>
          askRedis(
            portOf(address),
            `CONFIG SET cluster-require-full-coverage ${yes ? 'no' : 'yes'}`,
          )
        ),
      );
    try {
      await store.putProfiles(many(300));
      await goOn(true);
      await cluster.node(0).kill();
      const userIds = many(300).map(({ userId }) => userId);
      const found = await store.getProfiles(userIds);
      const alone = await Promise.allSettled(userIds.map((userId) => store.getProfiles([userId])));
      alone.forEach((end, at) => {
        if (end.status === 'fulfilled') expect(end.value).toEqual([found[at]]);
        else {
          expect(end.reason).toMatchObject({ code: 'unavailable' });
          expect(found[at]).toBeUndefined();
        }
      });
      const isThere = (bytes: Uint8Array | undefined) => bytes !== undefined;
      expect(found.filter(isThere).length).toBeGreaterThan(100);
      expect(found.every(isThere)).toBe(false);
    } finally {
      await cluster.node(0).start();
      await expect.poll(() => works(store), { timeout: 80_000 }).toBe(true);
      await goOn(false);
      await store.close();
    }
  });

  it('tells of a node that is away once, and of each time', async () => {
    const onError = vi.fn();
    const keyPrefix = `test-${process.pid}-${++prefixes}:`;
    const store = await createRedisStore({ url: cluster.url, keyPrefix, onError });
    const userIds = many(30).map(({ userId }) => userId);
    try {
      for (let time = 0; time < 2; time++) {
        await vi.waitFor(() => store.check(), 30_000);
        onError.mockClear();
        await cluster.node(0).kill();
        for (let call = 0; call < 30; call++) await store.getProfiles(userIds).catch(() => {});
        expect(onError).toHaveBeenCalled();
        expect(onError.mock.calls.length).toBeLessThan(4);
        await cluster.node(0).start();
      }
    } finally {
      await vi.waitFor(() => store.check(), 30_000);
      await store.close();
    }
  });

  it('works again by itself after a node was restarted', async () => {
    const store = await emptyStore(cluster.url);
    try {
      await cluster.node(0).kill();
      await expect.poll(() => works(store), { timeout: 80_000 }).toBe(false);
      for (const call of [() => store.check(), () => store.countProfiles()]) {
        await expect(call()).rejects.toMatchObject({ code: 'unavailable' });
      }
      await cluster.node(0).start();
      await expect.poll(() => works(store), { timeout: 80_000 }).toBe(true);
      await store.putProfiles(many(300));
      expect(await store.countProfiles()).toBe(300);
    } finally {
      await store.close();
    }
  });
});

describe('createRedisStore() when Redis fails', () => {
  let redis: RunningRedis;
  beforeAll(async () => void (redis = await startRedis()));
  afterAll(() => redis?.stop());

  it('works again when Redis was killed and is back, empty', async () => {
    const onError = vi.fn();
    const store = await createRedisStore({ url: redis.url, onError });
    try {
      await store.putProfiles(many(10));
      expect(await store.claim('k', 'before', 60_000)).toBeUndefined();
      await redis.node(0).kill();
      await expect(store.getProfiles(['user-1'])).rejects.toMatchObject({ code: 'unavailable' });
      await vi.waitFor(() => expect(onError).toHaveBeenCalled());
      await expect(store.check()).rejects.toThrow(
        `Cannot check the store ${redis.url}: waiting for Redis at ${redis.addresses[0]}: connect`,
      );
      await redis.node(0).start();
      await expect.poll(() => store.countProfiles().catch(String)).toBe(0);
      expect(await store.claim('k', 'after', 60_000)).toBeUndefined();
      expect(await store.claim('k', 'later', 60_000)).toBe('after');
      // Told of the outage, not of each attempt to connect.
      expect(onError.mock.calls.length).toBeLessThan(4);
    } finally {
      await store.close();
    }
  });

  it('claims after SCRIPT FLUSH', async () => {
    const store = await emptyStore(redis.url);
    try {
      expect(await store.claim('k', 'first', 60_000)).toBeUndefined();
      await askRedis(portOf(redis.addresses[0]!), 'SCRIPT FLUSH');
      expect(await store.claim('k', 'second', 60_000)).toBe('first');
      await askRedis(portOf(redis.addresses[0]!), 'SCRIPT FLUSH');
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, i) => store.claim('other', `claimant ${i}`, 60_000)),
      );
      expect(answers.filter((answer) => answer === undefined)).toHaveLength(1);
    } finally {
      await store.close();
    }
  });

  it('rejects while Redis stands still, and works when it goes on', async () => {
    const store = await emptyStore(redis.url);
    try {
      await store.putProfiles(many(3));
      await redis.node(0).kill('SIGSTOP');
      try {
        const calls = [
          store.getProfiles(['user-1']),
          store.putProfiles(many(3)),
          store.deleteProfiles(['user-1']),
          store.countProfiles(),
          store.claim('k', 'v', 60_000),
          store.check(),
        ];
        for (const result of await Promise.allSettled(calls)) {
          expect(result).toMatchObject({ status: 'rejected', reason: { code: 'unavailable' } });
        }
        // Nobody waits for what is known to be away.
        await expect(store.getProfiles(['user-1'])).rejects.toThrow('waiting for Redis at');
      } finally {
        await redis.node(0).kill('SIGCONT');
      }
      await expect.poll(() => works(store)).toBe(true);
    } finally {
      await store.close();
    }
  });

  it('is made while Redis is away, says what it waits for, and works when it is there', async () => {
    const onWait = vi.fn();
    const [port] = await freePorts(1) as [number];
    const url = `redis://:hunter2@127.0.0.1:${port}`;
    const store = await createRedisStore({ url, onError: () => {}, onWait });
    const line = `waiting for Redis at 127.0.0.1:${port}: connect ECONNREFUSED 127.0.0.1:${port}`;
    expect(onWait.mock.calls).toEqual([[line]]);
    await expect(store.check()).rejects.toThrow(
      `Cannot check the store redis://127.0.0.1:${port}: ${line}`,
    );
    await expect(store.claim('k', 'v', 1_000)).rejects.toMatchObject({ code: 'unavailable' });
    const late = await startRedis({ port, settings: { requirepass: 'hunter2' } });
    try {
      await expect.poll(() => works(store)).toBe(true);
    } finally {
      await store.close();
      await late.stop();
    }
  });

  it.each([
    ['single', (address: string) => `redis://${address}`],
    ['sentinel', (address: string) => `redis-sentinel://${address}/main`],
    ['cluster', (address: string) => `redis-cluster://${address}`],
  ])('is made and closed while nothing answers: %s', async (_kind, urlOf) => {
    const [port] = await freePorts(1) as [number];
    const url = urlOf(`127.0.0.1:${port}`);
    const onWait = vi.fn();
    const store = await createRedisStore({ url, onError: () => {}, onWait });
    expect(onWait).toHaveBeenCalledOnce();
    for (
      const call of [
        () => store.check(),
        () => store.getProfiles(['a']),
        () => store.countProfiles(),
      ]
    ) {
      await expect(call()).rejects.toThrow(`127.0.0.1:${port}`);
    }
    await store.close();
  });

  it('says that the password is wrong, and not which', async () => {
    const locked = await startRedis({ settings: { requirepass: 'correct horse' } });
    const [address] = locked.addresses;
    try {
      for (const user of ['', ':hunter2@', 'somebody:hunter2@']) {
        const said = await refusal(`redis://${user}${address}`);
        expect(said).toContain(`waiting for Redis at ${address}: it refuses user and password (`);
        expect(said).not.toContain('hunter2');
      }
      const store = await emptyStore(`redis://:correct%20horse@${address}`);
      await store.check();
      await store.close();
    } finally {
      await locked.stop();
    }
  });
});

it('createRedisStore() refuses an URL that is none without showing it', async () => {
  await expect(createRedisStore({ url: 'redis://hunter2@x', onError: () => {} })).rejects.toEqual(
    new StoreError(
      'unavailable',
      'Cannot open the store: in its URL before @ a password is missing: user:password@, or :password@',
    ),
  );
});

async function refusal(url: string): Promise<string> {
  const store = await createRedisStore({ url, onError: () => {} });
  try {
    return await store.check().then(() => 'it answers', String);
  } finally {
    await store.close();
  }
}

/** Whether a write goes through: after a failover reads may come back first. */
async function works(store: Store): Promise<boolean> {
  return await store.putProfiles(many(30)).then(() => true, () => false);
}

/** Bytes that the replica furthest behind has not confirmed. */
async function replicasBehind(master: EngineNode): Promise<number> {
  const info = await askRedis(portOf(master.address), 'INFO replication');
  const written = Number(/^master_repl_offset:(\d+)/m.exec(info)?.[1]);
  const read = [...info.matchAll(/^slave\d+:.*offset=(\d+)/gm)].map((match) => Number(match[1]));
  return written - Math.min(...read);
}

function many(count: number): { userId: string; bytes: Uint8Array }[] {
  return Array.from(
    { length: count },
    (_, i) => ({ userId: `user-${i}`, bytes: Uint8Array.of(i) }),
  );
}

function portOf(address: string): number {
  return Number(address.split(':')[1]);
}
