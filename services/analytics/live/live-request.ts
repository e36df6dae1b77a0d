import { parseAuctionId } from '#shared/model/auction-id.ts';
import type { LiveRequest, LiveTopic } from '#shared/model/live.ts';

export type ParsedRequest = { ok: true; request: LiveRequest } | { ok: false; message: string };

/** Reads what a client sends, or says in a line what is wrong with it. */
export function parseLiveRequest(text: string): ParsedRequest {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return wrong('A message is JSON: {"op":"subscribe","topic":"totals"}');
  }
  const { op, topic, epoch, after } = (value ?? {}) as Record<string, unknown>;
  if (op !== 'subscribe' && op !== 'unsubscribe') {
    return wrong(`op ${shown(op)}: allowed is subscribe, unsubscribe`);
  }
  if (!isTopic(topic)) {
    return wrong(`topic ${shown(topic)}: allowed is totals, auctions, auction:<auction id>`);
  }
  if (op === 'unsubscribe') return { ok: true, request: { op, topic } };
  if (epoch !== undefined && typeof epoch !== 'string') {
    return wrong(`epoch ${shown(epoch)}: allowed is the text of an earlier frame`);
  }
  if (after !== undefined && !Number.isSafeInteger(after)) {
    return wrong(`after ${shown(after)}: allowed is the seq of an earlier frame`);
  }
  const resume = epoch !== undefined && after !== undefined ? { epoch, after: Number(after) } : {};
  return { ok: true, request: { op, topic, ...resume } };
}

function isTopic(topic: unknown): topic is LiveTopic {
  if (topic === 'totals' || topic === 'auctions') return true;
  return typeof topic === 'string' && topic.startsWith('auction:') &&
    parseAuctionId(topic.slice('auction:'.length)) !== undefined;
}

/** Enough of a value to recognise it. */
function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'missing';
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

function wrong(message: string): ParsedRequest {
  return { ok: false, message };
}
