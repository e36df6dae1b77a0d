/** One record as one line for people: when, where, which auction, and what matters of its topic. */
import type { TailRecord } from '#shared/bus/kafka-tail.ts';
import type { ConfigChange } from '#shared/model/catalog.ts';
import type {
  AuctionOutcome,
  BidRequestMessage,
  BidResponseMessage,
  ImpOutcome,
  TopicMessages,
  TopicName,
} from '#shared/model/events.ts';
import { readArray, readDetailRow } from '#shared/model/detail-row.ts';
import { readGroups } from '#shared/model/kept-lists.ts';
import { messageFault } from '#shared/model/message-check.ts';
import { readMessage } from '#shared/model/message-text.ts';

/** @param topic undefined: a dead letter */
export function recordLine(topic: TopicName | undefined, record: TailRecord): string {
  const { partition, offset, at, key } = record;
  const parts = topic === undefined ? letterParts(record) : messageParts(topic, record);
  return [
    new Date(at).toISOString(),
    `${partition}/${offset}`.padEnd(10),
    key ?? '(no key)',
    ...parts,
  ].join('  ');
}

function letterParts({ headers, value = '' }: TailRecord): string[] {
  const { topic, partition, offset, fault } = headers;
  return [`${fault}`, `from ${topic} ${partition}/${offset}`, `${value.length} characters`];
}

function messageParts(topic: TopicName, { value }: TailRecord): string[] {
  if (value === undefined) return ['(no value)'];
  try {
    const message: unknown = readMessage(topic, value);
    const fault = messageFault(topic, message);
    if (fault !== undefined) return [`unreadable: ${fault}`];
    return (PARTS[topic] as (of: unknown) => string[])(message);
  } catch (error) {
    return [`unreadable: ${(error as Error).message}`];
  }
}

const PARTS: { readonly [T in TopicName]: (message: TopicMessages[T]) => string[] } = {
  bid_requests: requestParts,
  bid_responses: responseParts,
  auction_outcomes: outcomeParts,
  auction_details: ({ offers, row }) => {
    const { publisher_id, groups, missing } = readDetailRow(row.join(''));
    const answered = readGroups(JSON.parse(groups) as unknown[]);
    const late = readArray(missing);
    return [
      publisher_id,
      `${counted(offers.length, 'bid')}: ${
        ['won', 'lost', 'invalid'].map((status) =>
          `${offers.filter((offer) => offer.status === status).length} ${status}`
        ).join(', ')
      }`,
      `groups ${answered.map(({ group }) => group).join(', ') || 'none'}`,
      ...(late.length > 0 ? [`missing ${late.join(', ')}`] : []),
    ];
  },
  ad_events: ({ publisherId, kind }) => [publisherId, kind],
  config_changes: changeParts,
  live: ({ second, sums }) => [
    new Date(1_000 * second).toISOString().slice(0, 19),
    counted(sums.auctions, 'auction'),
  ],
};

function requestParts({ publisherId, source, request, groups }: BidRequestMessage): string[] {
  const place = request.site?.domain ?? request.app?.bundle;
  return [
    publisherId,
    source,
    counted(request.imp.length, 'imp'),
    ...(place ? [place] : []),
    `for ${groups.join(', ') || 'no group'}`,
  ];
}

function responseParts(message: BidResponseMessage): string[] {
  const { group, seats, enriched, unenrichedReason, tookMs } = message;
  const bids = seats.flatMap((seat) => seat.bids);
  const best = Math.max(0, ...bids.map(({ priceMicros }) => priceMicros));
  return [
    group,
    counted(bids.length, 'bid') + (bids.length > 0 ? `, best ${price(best)}` : ''),
    enriched ? 'with a profile' : `no profile: ${unenrichedReason ?? 'unknown'}`,
    `${Math.round(tookMs)} ms`,
  ];
}

function outcomeParts(outcome: AuctionOutcome): string[] {
  const { publisherId, imps, currency, groupsAnswered, groupsExpected, tookMs } = outcome;
  return [
    publisherId,
    imps.map((imp) => impText(imp, currency)).join('; '),
    `${groupsAnswered} of ${counted(groupsExpected, 'group')}`,
    `${outcome.closedBy.replace('_', ' ')}, ${Math.round(tookMs)} ms`,
  ];
}

function impText({ impid, winner, bids, eligible }: ImpOutcome, currency: string): string {
  const of = `of ${counted(bids, 'bid')}`;
  return winner
    ? `${impid}: ${winner.seat} pays ${price(winner.priceMicros)} ${currency} ${of}`
    : `${impid}: no winner ${of}, ${eligible} eligible`;
}

/** Secrets stay where they are: names only. */
function changeParts({ kind, id, actor, value }: ConfigChange): string[] {
  return [`${kind} ${id} ${value === null ? 'removed' : 'set'}`, `by ${actor}`];
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

/** Micros of CPM as the amount people know. */
function price(micros: number): string {
  return (micros / 1e6).toFixed(3);
}
