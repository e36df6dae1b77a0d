/** Finds everything known of one auction: in memory while it is fresh, in the warehouse later. */
import { readJson } from '#shared/model/json-guard.ts';
import { type DetailsRow, readArray, readDetailRow } from '#shared/model/detail-row.ts';
import { knownFate, knownGroups } from '#shared/model/kept-bids.ts';
import { readFates, readGroups, readTimes } from '#shared/model/kept-lists.ts';
import { parseBidRequest } from '#shared/model/openrtb-parse.ts';
import type { Profile } from '#shared/model/profile.ts';
import type { Warehouse } from '#shared/warehouse/warehouse.ts';
import type { KnownAuction, KnownDetails, KnownEvent } from './auction-answer.ts';
import type { RecordPlace } from './offset-ranges.ts';
import {
  auctionDetails,
  auctionEvents,
  auctionOutcomes,
  type Query,
  type StoredOutcome,
} from './queries.ts';
import type { Writer } from './writer.ts';

/** Details as their row has them. */
type StoredDetails = Pick<DetailsRow, keyof KnownDetails>;

interface StoredEvent {
  kind: string;
  /** Epoch ms. */
  event_ms: number;
}

const AWAY = 'away' as const;

/** Undefined when there is no such auction. Rejects when the warehouse must be asked and is away. */
export async function lookUp(
  auctionId: string,
  timeMs: number,
  writer: Pick<Writer, 'find' | 'isWaiting'>,
  warehouse: Pick<Warehouse, 'query'>,
): Promise<KnownAuction | undefined> {
  const ask = <Row>({ sql, params }: Query): Promise<Row[]> => warehouse.query<Row>(sql, params);
  const recent = writer.find(auctionId);
  const askDetails = async (): Promise<StoredDetails | undefined> =>
    recent.details === undefined
      ? (await ask<StoredDetails>(auctionDetails(auctionId, timeMs)))[0]
      : readDetailRow(recent.details);

  const askEvents = (): Promise<StoredEvent[]> => ask(auctionEvents(auctionId, timeMs));

  if (recent.outcomes.length > 0) {
    const rows = recent.outcomes.map((row) => JSON.parse(row) as StoredOutcome & RecordPlace);
    // What is in memory can be shown although the warehouse is away. Events come after the outcome: as
    // long as that waits for its insert, theirs are in memory too.
    const [details, events] = await Promise.all([
      askDetails().catch((): typeof AWAY => AWAY),
      writer.isWaiting(rows[0]!) ? [] : askEvents().catch((): StoredEvent[] => []),
    ]);
    return {
      rows,
      details: details === AWAY ? undefined : knownDetails(details),
      away: details === AWAY,
      events: knownEvents(events, recent.events),
    };
  }
  const rows = await ask<StoredOutcome>(auctionOutcomes(auctionId, timeMs));
  if (rows.length === 0) return undefined;
  const [details, events] = await Promise.all([askDetails(), askEvents()]);
  return {
    rows,
    details: knownDetails(details),
    away: false,
    events: knownEvents(events, recent.events),
  };
}

/** There is one event of a kind; the newest may be in memory only. */
function knownEvents(stored: readonly StoredEvent[], texts: readonly string[]): KnownEvent[] {
  const byKind = new Map(stored.map(({ kind, event_ms }) => [kind, { kind, atMs: event_ms }]));
  for (const text of texts) {
    const { kind, event_time } = JSON.parse(text) as { kind: string; event_time: string };
    if (!byKind.has(kind)) byKind.set(kind, { kind, atMs: Math.round(Number(event_time) * 1000) });
  }
  return [...byKind.values()].sort((a, b) => a.atMs - b.atMs);
}

function knownDetails(stored: StoredDetails | undefined): KnownDetails | undefined {
  if (!stored) return undefined;
  const { profile, times } = stored;
  const fates = readFates(JSON.parse(stored.fates) as unknown[]);
  return {
    request: understood(stored.request) as KnownDetails['request'],
    groups: knownGroups(readGroups(JSON.parse(stored.groups) as unknown[]), fates),
    fates: fates.map(knownFate),
    rules: JSON.parse(stored.rules) as KnownDetails['rules'],
    salt: JSON.parse(stored.salt) as KnownDetails['salt'],
    missing: readArray(stored.missing),
    profile: profile === '' ? undefined : JSON.parse(profile) as Profile,
    ...(times !== '' && { times: readTimes(JSON.parse(times)) }),
  };
}

/** The request as it was understood: its text may be the sender's own. */
function understood(text: string): unknown {
  const read = readJson(text);
  if (!read.ok) return JSON.parse(text);
  const parsed = parseBidRequest(read.value);
  // Rules change: what was valid then may not be today.
  return parsed.ok ? parsed.request : read.value;
}
