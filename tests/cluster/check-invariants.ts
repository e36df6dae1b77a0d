/**
 * The one checker of a cluster: waits until nothing is left to do, reads topics, warehouse and
 * metrics, and judges. `judge.ts` has the rules.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type KafkaAdmin, openKafkaAdmin } from '#shared/bus/kafka-admin.ts';
import { readTopic } from '#shared/bus/kafka-raw.ts';
import type { TopicNames } from '#shared/bus/kafka-topics.ts';
import { parseAuctionId } from '#shared/model/auction-id.ts';
import type { TopicMessages } from '#shared/model/events.ts';
import { messageFault } from '#shared/model/message-check.ts';
import type { Facts, Kept, Lag, NotedAnswer, Outage, StoredRow } from './facts.ts';
import { judge, type Report } from './judge.ts';
import { patiently } from './patiently.ts';

export interface CheckOptions {
  /** `host:port` each. */
  brokers: readonly string[];
  names: TopicNames;
  /** As CLICKHOUSE_URL takes it. */
  clickhouse: string;
  answers: readonly NotedAnswer[];
  outages?: readonly Outage[];
  /** Requests stay in their gateway's process, and die with it; default false. */
  requestsAreLocal?: boolean;
  /** ms after its deadline within which an auction must have its outcome. */
  graceMs?: number;
  /** ms within which all readers must have caught up. */
  calmMs?: number;
  /** Those that run: where each tells its metrics. */
  processes?: readonly { name: string; metricsUrl: string }[];
}

/** A killed member is missed for a session of 10 s; then its share is read again. */
const GRACE_MS = 30_000;
const CALM_MS = 60_000;
const POLL_MS = 500;
/** Looks in a row that find nothing new. */
const CALM_LOOKS = 3;
/** What auctions go through. Details are best effort, and readers of the rest keep no positions. */
const LEDGER = ['bid_requests', 'bid_responses', 'auction_outcomes', 'ad_events'] as const;

export async function checkInvariants(options: CheckOptions): Promise<Report> {
  const { answers, outages = [], requestsAreLocal = false, processes = [] } = options;
  const lags = await waitForCalm(options);
  const [outcomes, events, rows, finalRows, storedUndelivered, memory] = await Promise.all([
    readRecords(options, 'auction_outcomes'),
    readRecords(options, 'ad_events'),
    readRows(options.clickhouse, ''),
    readRows(options.clickhouse, 'FINAL'),
    readUndelivered(options.clickhouse),
    Promise.all(processes.map(readMemory)),
  ]);
  const facts: Facts = {
    answers,
    outages,
    requestsAreLocal,
    outcomes,
    events,
    rows,
    finalRows,
    storedUndelivered,
    lags,
    memory,
  };
  return judge(facts, options.graceMs ?? GRACE_MS);
}

/** Resolves when nothing is left to read and nothing comes, or when that takes too long. */
async function waitForCalm({ brokers, names, calmMs = CALM_MS }: CheckOptions): Promise<Lag[]> {
  const admin = await patiently(() => openKafkaAdmin(brokers));
  const endMs = performance.now() + calmMs;
  try {
    let looks = 0;
    let before = -1;
    for (;;) {
      const { lags, records } = await patiently(() => look(admin, names));
      const isCalm = records === before && lags.every(({ lag }) => lag === 0);
      looks = isCalm ? looks + 1 : 0;
      before = records;
      if (looks === CALM_LOOKS || performance.now() > endMs) return lags;
      await sleep(POLL_MS);
    }
  } finally {
    await admin.close();
  }
}

async function look(
  admin: KafkaAdmin,
  names: TopicNames,
): Promise<{ lags: Lag[]; records: number }> {
  const [groups, topics] = await Promise.all([
    admin.groups(LEDGER.map((topic) => names[topic])),
    admin.topics(LEDGER.map((topic) => names[topic])),
  ]);
  return {
    lags: groups.map(({ group, topic, lag }) => ({ group, topic, lag })),
    records: topics.reduce((sum, topic) => sum + topic.records, 0),
  };
}

/** The messages of a topic; what is none, the readers put aside, too. */
async function readRecords<Topic extends 'auction_outcomes' | 'ad_events'>(
  { brokers, names }: CheckOptions,
  topic: Topic,
): Promise<Kept<TopicMessages[Topic]>[]> {
  const kept: Kept<TopicMessages[Topic]>[] = [];
  const records = await patiently(() => readTopic({ brokers, topic: names[topic] }));
  for (const { partition, offset, value = '' } of records) {
    try {
      const message = JSON.parse(value) as TopicMessages[Topic];
      if (messageFault(topic, message) || !parseAuctionId(message.auctionId)) continue;
      kept.push({ partition, offset, value: message });
    } catch {
      continue;
    }
  }
  return kept;
}

async function readRows(clickhouse: string, how: '' | 'FINAL'): Promise<StoredRow[]> {
  const rows = await ask<Record<string, string | number>>(
    clickhouse,
    'SELECT auction_id, imp_id, campaign_id, win_status, price_micros, partition, offset ' +
      `FROM helios.outcomes ${how}`,
  );
  return rows.map((row) => ({
    auctionId: String(row['auction_id']),
    impid: String(row['imp_id']),
    campaign: String(row['campaign_id']),
    won: row['win_status'] === 'won',
    priceMicros: Number(row['price_micros']),
    partition: Number(row['partition']),
    offset: Number(row['offset']),
  }));
}

async function readUndelivered(clickhouse: string): Promise<string[]> {
  const rows = await ask<{ auction_id: string }>(
    clickhouse,
    "SELECT DISTINCT auction_id FROM helios.ad_events WHERE kind = 'undelivered'",
  );
  return rows.map(({ auction_id }) => auction_id);
}

async function ask<Row>(clickhouse: string, statement: string): Promise<Row[]> {
  const { origin, username, password } = new URL(clickhouse);
  const answer = await fetch(`${origin}/?default_format=JSONEachRow`, {
    method: 'POST',
    headers: { 'x-clickhouse-user': username, 'x-clickhouse-key': password },
    body: statement,
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`Cannot ask ClickHouse: ${text}`);
  return text.split('\n').filter(Boolean).map((line) => JSON.parse(line) as Row);
}

async function readMemory(
  { name, metricsUrl }: { name: string; metricsUrl: string },
): Promise<{ process: string; rssMb: number }> {
  const text = await fetch(metricsUrl).then((answer) => answer.text(), () => '');
  const rss = /^helios_memory_bytes\{.*kind="rss".*\} (\S+)$/m.exec(text)?.[1];
  return { process: name, rssMb: Math.round(Number(rss ?? 0) / 1e6) };
}
