/**
 * An auction id is 23 lower-case Crockford base32 characters: 9 of time (ms since 1970), 2 of the
 * partition, 12 random (60 bits). It sorts by time, and whatever comes back later with the id
 * alone (a tracking pixel, a notice) finds the auction's day and partition in it.
 */
import { inOnePiece } from './flat-text.ts';

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const TIME_LENGTH = 9;
const PARTITION_LENGTH = 2;
/** Random characters of an id; each takes 5 bits of one byte of `random`. */
export const RANDOM_LENGTH = 12;
const PATTERN = /^[0-9a-hjkmnp-tv-z]{23}$/;

/** The largest number of partitions an id can name. */
export const PARTITIONS_MAX = 1024;

/**
 * @param random at least {@link RANDOM_LENGTH} random bytes from `offset` on; the ids of one
 * exchange are as hard to guess as these bytes.
 */
export function makeAuctionId(
  timeMs: number,
  partition: number,
  random: Uint8Array,
  offset = 0,
): string {
  let end = '';
  for (let i = offset; i < offset + RANDOM_LENGTH; i += 2) {
    end += PAIRS[(random[i]! & 31) * 32 + (random[i + 1]! & 31)];
  }
  return inOnePiece(timeText(timeMs) + PAIRS[partition] + end);
}

/** All texts of two characters, in the order of what they stand for. */
const PAIRS = Array.from({ length: 32 * 32 }, (_, value) => encode(value, 2));

/** Of the ids of a ms the first makes it. */
let lastTime = { ms: 0, text: encode(0, TIME_LENGTH) };

function timeText(ms: number): string {
  if (ms !== lastTime.ms) lastTime = { ms, text: encode(ms, TIME_LENGTH) };
  return lastTime.text;
}

/** Time and partition of an id, or undefined when the text is no auction id. */
export function parseAuctionId(id: string): { timeMs: number; partition: number } | undefined {
  if (!PATTERN.test(id)) return undefined;
  return {
    timeMs: decode(id, 0, TIME_LENGTH),
    partition: decode(id, TIME_LENGTH, TIME_LENGTH + PARTITION_LENGTH),
  };
}

/** A number from 0 up to 1, evenly spread over ids and always the same for one: for sampling. */
export function auctionIdShare(id: string): number {
  return decode(id, id.length - 4, id.length) / 32 ** 4;
}

/** Whether an auction's details are kept: decided by the random end of its id, alike wherever it is asked. */
export function isSampled(auctionId: string, share: number): boolean {
  return share >= 1 || auctionIdShare(auctionId) < share;
}

function encode(value: number, length: number): string {
  let text = '';
  for (let i = 0; i < length; i++) {
    text = ALPHABET[value % 32] + text;
    value = Math.floor(value / 32);
  }
  return text;
}

function decode(text: string, from: number, to: number): number {
  let value = 0;
  for (let at = from; at < to; at++) value = value * 32 + VALUES[text.charCodeAt(at)]!;
  return value;
}

const VALUES = new Uint8Array(128);
for (let value = 0; value < ALPHABET.length; value++) VALUES[ALPHABET.charCodeAt(value)] = value;
