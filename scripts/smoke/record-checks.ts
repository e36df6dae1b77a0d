/** Checks of what an installation remembers and tells: outcomes, SQL, profiles, metrics. */
import { createChannel, createClient } from 'nice-grpc';
import { type ProfileServiceClient, ProfileServiceDefinition } from '#proto/profile.ts';
import { parseClickhouseUrl } from '#shared/warehouse/warehouse-url.ts';
import type { Check, Skipped } from './checks.ts';
import {
  appears,
  ask,
  expect,
  jsonOf,
  REQUEST_MS,
  seen,
  type SmokeTarget,
} from './smoke-target.ts';

export const RECORD_CHECKS: readonly Check[] = [
  { name: 'outcome by auction id', run: outcomeById },
  { name: 'outcome in the list', run: outcomeInList },
  { name: 'outcome in SQL', run: outcomeInSql },
  { name: 'profile over gRPC', run: profile },
  { name: 'metrics', run: metrics },
];

interface AuctionAnswer {
  auction_id: string;
  status: string;
  outcome: unknown;
  details: unknown;
}

async function outcomeById(target: SmokeTarget): Promise<string | Skipped> {
  const { auctionId } = target;
  if (auctionId === undefined) return NO_AUCTION;
  const found = await appears(`auction ${auctionId}`, async () => {
    const response = await target.get(`/api/auctions/${auctionId}`);
    if (response.status === 200) return jsonOf<AuctionAnswer>(response);
    expect([202, 404].includes(response.status), `expected 200, got ${seen(response)}`);
    return undefined;
  });
  expect(found.auction_id === auctionId, `auction_id is ${JSON.stringify(found.auction_id)}`);
  expect(found.outcome !== undefined, 'the answer has no outcome');
  return `${found.status}${found.details === undefined ? '' : ', with details'}`;
}

async function outcomeInList(target: SmokeTarget): Promise<string | Skipped> {
  const { auctionId, userId } = target;
  if (auctionId === undefined) return NO_AUCTION;
  return await appears(`an outcome of user ${userId}`, async () => {
    const response = await target.get(`/api/outcomes/?user_id=${userId}`);
    expect(response.status === 200, `expected 200, got ${seen(response)}`);
    const { total = 0, results = [] } = jsonOf<{ total: number; results: unknown[] }>(
      response,
    );
    const hit = results.some((row) => JSON.stringify(row).includes(auctionId));
    // The number and the rows are asked one after the other: they may differ for a moment.
    return hit && total > 0 ? `${total} of this run` : undefined;
  });
}

async function outcomeInSql(target: SmokeTarget): Promise<string | Skipped> {
  const { auctionId } = target;
  if (auctionId === undefined) return NO_AUCTION;
  const address = parseClickhouseUrl(target.addresses.sql);
  expect(typeof address === 'object', `the address of ClickHouse cannot be used: ${address}`);
  const { origin, username } = address;
  let { password } = address;
  if (password === '') {
    if (!target.local) return { skipped: 'the SQL endpoint is for its own machine only' };
    if (await needsKeys(target)) return { skipped: 'SQL is off where other machines can connect' };
    const token = target.sqlToken();
    if (token === undefined) return { skipped: 'no sql-token in DATA_DIR (./data)' };
    password = token;
  }
  const query = new URL(origin);
  query.searchParams.set('param_id', auctionId);
  return await appears(`auction ${auctionId}`, async () => {
    const response = await ask(query, {
      method: 'POST',
      body:
        'SELECT count() FROM helios.outcomes WHERE auction_id = {id:String} FORMAT TabSeparated',
      headers: { 'x-clickhouse-user': username, 'x-clickhouse-key': password },
    });
    expect(response.status === 200, `expected 200, got ${seen(response)}`);
    const count = response.text.trim();
    if (count === '0') return undefined;
    expect(count === '1', `the auction is there ${count} times, once was expected`);
    return 'exactly once';
  });
}

/** Then it listens on more than loopback. */
async function needsKeys({ addresses }: SmokeTarget): Promise<boolean> {
  return (await ask(`${addresses.url}/api/outcomes/`)).status === 401;
}

async function profile({ addresses }: SmokeTarget): Promise<string | Skipped> {
  if (addresses.grpc === undefined) {
    return { skipped: 'profiles are for their own machine only; --grpc names others' };
  }
  const channel = createChannel(addresses.grpc);
  try {
    const client: ProfileServiceClient = createClient(ProfileServiceDefinition, channel);
    const signal = AbortSignal.timeout(REQUEST_MS);
    const found = await client.getProfile({ userId: 'user-001' }, { signal });
    expect(found.userId === 'user-001', `the profile is of ${JSON.stringify(found.userId)}`);
    return `user-001, ${found.interests.length} interests`;
  } finally {
    channel.close();
  }
}

async function metrics({ addresses }: SmokeTarget): Promise<string | Skipped> {
  if (addresses.metrics === undefined) {
    return { skipped: 'metrics are for their own machine only; --metrics names others' };
  }
  const response = await ask(`${addresses.metrics}/metrics`);
  expect(response.status === 200, `expected 200, got ${seen(response)}`);
  const lines = response.text.split('\n').filter((line) => /^[a-z]/.test(line));
  expect(lines.some((line) => line.startsWith('helios_')), 'there is no metric of the exchange');
  return `${lines.length} values`;
}

const NO_AUCTION: Skipped = { skipped: 'the bid it looks for was not answered' };
