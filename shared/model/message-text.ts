/**
 * Messages as texts, for whatever carries them between processes. All are JSON. Details end in the
 * row of their table, which the reader takes as it stands: with some kB of it unread, storing an
 * auction's details costs a third.
 */
import type { AuctionDetails, TopicMessages, TopicName } from './events.ts';

export function messageText<T extends TopicName>(topic: T, message: TopicMessages[T]): string {
  if (topic !== 'auction_details') return JSON.stringify(message);
  const { row, offers, ...envelope } = message as AuctionDetails;
  const head = JSON.stringify({
    ...envelope,
    offers: offers.map(({ impid, seat, priceMicros, status }) => ({
      impid,
      seat,
      priceMicros,
      status,
    })),
  });
  return head.slice(0, -1) + ROW + row.join('') + '}';
}

/**
 * What the text of a message says; `messageFault` tells whether it is one. Text that is no JSON
 * within the row is for the warehouse to refuse.
 * @throws {SyntaxError} when the text is no JSON.
 */
export function readMessage(topic: TopicName, text: string): unknown {
  // Within a text of JSON its quotes would be escaped.
  const at = topic === 'auction_details' ? text.indexOf(ROW) : -1;
  if (at < 0) return JSON.parse(text);
  const row = text.slice(at + ROW.length, text.lastIndexOf('}'));
  const head = JSON.parse(text.slice(0, at) + '}') as Record<string, unknown>;
  // A line feed would part the row; in JSON it can only stand where a space may.
  return { ...head, row: [row.includes('\n') ? row.replaceAll('\n', ' ') : row] };
}

const ROW = ',"row":';
