/**
 * Messages as texts, for whatever carries them between processes. All are JSON. After those of details
 * comes a line feed, then the row of their table, which the reader takes as it stands: with some kB of it
 * unread, storing an auction's details costs a third.
 */
import { formerDetailRow } from './detail-row.ts';
import type { AuctionDetails, TopicMessages, TopicName } from './events.ts';

export function messageText<T extends TopicName>(topic: T, message: TopicMessages[T]): string {
  if (topic !== 'auction_details') return JSON.stringify(message);
  const { row, ...head } = message as AuctionDetails;
  // Joined at once: `+` would leave a text in parts, which whoever writes it copies into one more.
  return [JSON.stringify(head), '\n', ...row].join('');
}

/**
 * What the text of a message says; `messageFault` tells whether it is one. A row that its table cannot
 * take is for the warehouse to refuse.
 * @throws {SyntaxError} when the text is no JSON.
 */
export function readMessage(topic: TopicName, text: string): unknown {
  if (topic !== 'auction_details') return JSON.parse(text);
  const end = text.indexOf('\n');
  if (end < 0) return readFormer(text);
  const head = JSON.parse(text.slice(0, end)) as Record<string, unknown>;
  return { ...head, row: [text.slice(end + 1).replaceAll('\n', ' ')] };
}

/** Details of an earlier version, one JSON text with the row as an object. */
function readFormer(text: string): unknown {
  const message = JSON.parse(text) as { row?: unknown };
  const { row } = message;
  if (typeof row !== 'object' || row === null || Array.isArray(row)) return message;
  return { ...message, row: [formerDetailRow(row as Record<string, unknown>)] };
}
