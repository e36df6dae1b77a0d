/**
 * Whether something that came over a wire is a message of its topic: what every stage leans on
 * without looking. Not a validation of contents, which the writing stage has done; a message that
 * fails here would make a handler throw in the middle of its batch.
 */
import { detailRowStart } from './detail-row.ts';
import type { TopicMessages, TopicName } from './events.ts';

/** What is wrong with the value, or undefined when it is a message of the topic. */
export function messageFault<T extends TopicName>(topic: T, value: unknown): string | undefined {
  if (!isObject(value)) return 'not an object';
  if (value['v'] !== 1) return `v is ${JSON.stringify(value['v'])}, known is 1`;
  for (const [field, kind] of FIELDS[topic]) {
    if (!KINDS[kind](value[field])) return `${field} is no ${kind}`;
  }
  return DEEPER[topic]?.(value);
}

type Fields = Record<string, unknown>;

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const areObjects = (value: unknown): boolean => Array.isArray(value) && value.every(isObject);

const KINDS = {
  'text': (value: unknown) => typeof value === 'string',
  'number': (value: unknown) => typeof value === 'number' && Number.isFinite(value),
  'object': isObject,
  'list': (value: unknown) => Array.isArray(value),
  'list of objects': areObjects,
} satisfies Record<string, (value: unknown) => boolean>;

type FieldsOf<T extends TopicName> = readonly (readonly [
  keyof TopicMessages[T] & string,
  keyof typeof KINDS,
])[];

const ENVELOPE = [
  ['auctionId', 'text'],
  ['traceparent', 'text'],
  ['issuedAt', 'number'],
  ['deadline', 'number'],
] as const;

const FIELDS: { readonly [T in TopicName]: FieldsOf<T> } = {
  bid_requests: [
    ...ENVELOPE,
    ['publisherId', 'text'],
    ['source', 'text'],
    ['request', 'object'],
    ['groups', 'list'],
    ['receivedAt', 'number'],
  ],
  bid_responses: [...ENVELOPE, ['group', 'text'], ['tookMs', 'number'], [
    'seats',
    'list of objects',
  ]],
  auction_outcomes: [
    ...ENVELOPE,
    ['publisherId', 'text'],
    ['requestId', 'text'],
    ['userId', 'text'],
    ['currency', 'text'],
    ['receivedAt', 'number'],
    ['tookMs', 'number'],
    ['imps', 'list of objects'],
  ],
  auction_details: [
    ...ENVELOPE,
    ['offers', 'list of objects'],
    ['row', 'list'],
  ],
  ad_events: [...ENVELOPE, ['kind', 'text'], ['publisherId', 'text'], ['at', 'number']],
  config_changes: [['kind', 'text'], ['id', 'text']],
  live: [['instance', 'text']],
};

const DEEPER: { readonly [T in TopicName]?: (value: Fields) => string | undefined } = {
  bid_requests: ({ request }) =>
    areObjects((request as Fields)['imp']) ? undefined : 'request.imp is no list of objects',
  bid_responses: ({ seats }) =>
    (seats as Fields[]).every((seat) =>
        typeof seat['seat'] === 'string' && areObjects(seat['bids']) && areObjects(seat['noBids'])
      )
      ? undefined
      : 'seats have no seat, bids or noBids',
  auction_details: ({ auctionId, row }) =>
    (row as unknown[]).every((piece) => typeof piece === 'string') &&
      (row as string[])[0]?.startsWith(detailRowStart(auctionId as string))
      ? undefined
      : 'row is no row of details',
  auction_outcomes: ({ imps }) =>
    (imps as Fields[]).every(({ winner }) => winner === undefined || isObject(winner))
      ? undefined
      : 'a winner is no object',
};
