/** The exchange in its shapes over Kafka: one process per stage, or one fused node. */
import type { TopicNames } from '#shared/bus/kafka-topics.ts';
import { seedProfiles } from '../exchange-under-test.ts';
import { ONE_GROUP, threeSeats } from '../three-seats.ts';
import { type Site, type StageOrder, type StageProcess, startStage, topicNames } from './site.ts';
import { topicSettings } from './site.ts';

export interface Shape {
  names: TopicNames;
  /** Where auctions are asked for. */
  doors: StageProcess[];
  /** All of them, the doors first: the order to end them in. */
  processes: StageProcess[];
  stop(): Promise<void>;
}

export interface ShapeOrder {
  prefix: string;
  fused: boolean;
  partitions: number;
  profiles: number;
  /** How many gateways share the partitions. */
  gateways?: number;
}

const CLICKHOUSE_TOKEN = 'a-token-of-a-benchmark-only';

/** Resolves when all are ready, three seats in one group are configured and profiles are stored. */
export async function startShape(site: Site, order: ShapeOrder): Promise<Shape> {
  const { prefix, fused, partitions, profiles, gateways = 1 } = order;
  const names = topicNames(prefix);
  await site.admin.create(names, { partitions, replication: 1 });
  const started: StageProcess[] = [];
  const start = async (
    name: string,
    part: StageOrder['part'],
    stages: StageOrder['stages'],
    env: Record<string, string>,
  ): Promise<StageProcess> => {
    const one = await startStage(site, { name, part, stages, env });
    started.push(one);
    return one;
  };
  const bus = { KAFKA_BROKERS: site.kafka.addresses.join(','), ...topicSettings(names) };
  const REDIS_URL = site.redis.url;
  const stop = async () => {
    for (const { child } of started.toReversed()) await child.stop();
  };
  try {
    const [profile, warehouse] = await Promise.all([
      start('profile', 'path', ['profile'], { REDIS_URL }),
      startClickhouse(site, (one) => started.push(one)),
    ]);
    const addr = `127.0.0.1:${profile.ports.PROFILE_PORT}`;
    const analytics = await start('analytics', 'beside', ['analytics'], {
      ...bus,
      CLICKHOUSE_URL: warehouse.clickhouseUrl,
    });
    const bidding = { USER_PROFILE_SVC_ADDR: addr, BIDDING_GROUP: ONE_GROUP };
    const gateway = (index: number) => ({
      ...bus,
      REDIS_URL,
      ANALYTICS_URL: analytics.url,
      GATEWAY_INDEX: String(index),
      GATEWAY_COUNT: String(gateways),
    });
    const doors: StageProcess[] = [];
    if (fused) {
      const env = { ...gateway(0), ...bidding, LOCAL_TOPICS: 'bid_requests,bid_responses' };
      doors.push(await start('node', 'path', ['gateway', 'bidding', 'auction'], env));
    } else {
      // The gateway writes the demo's configuration, which the others wait for to be ready.
      const others = [
        start('auction', 'path', ['auction'], bus),
        start('bidding', 'path', ['bidding'], { ...bus, ...bidding }),
      ];
      for (let index = 0; index < gateways; index++) {
        const name = gateways === 1 ? 'gateway' : `gateway-${index + 1}`;
        doors.push(await start(name, 'path', ['gateway'], gateway(index)));
      }
      await Promise.all(others);
    }
    await threeSeats(doors[0]!.url, ONE_GROUP);
    if (profiles > 0) seedProfiles(profiles, addr);
    return { names, doors, processes: started.toReversed(), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

export interface Clickhouse {
  process: StageProcess;
  clickhouseUrl: string;
  /** Runs one statement; resolves to its answer as text. */
  ask(sql: string): Promise<string>;
}

export async function startClickhouse(
  site: Site,
  started: (one: StageProcess) => void,
): Promise<Clickhouse> {
  const env = { CLICKHOUSE_TOKEN };
  const order = { name: 'clickhouse', part: 'beside', stages: ['clickhouse'], env } as const;
  const one = await startStage(site, order);
  started(one);
  const host = `127.0.0.1:${one.ports.CLICKHOUSE_PORT}`;
  return {
    process: one,
    clickhouseUrl: `http://default:${CLICKHOUSE_TOKEN}@${host}`,
    async ask(sql) {
      const headers = { 'x-clickhouse-user': 'default', 'x-clickhouse-key': CLICKHOUSE_TOKEN };
      const answer = await fetch(`http://${host}/`, { method: 'POST', headers, body: sql });
      const text = await answer.text();
      if (!answer.ok) throw new Error(`ClickHouse says: ${text.slice(0, 300)}`);
      return text.trim();
    },
  };
}
