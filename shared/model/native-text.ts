/** What requests and responses of the Dynamic Native Ads API 1.2 have in common: JSON in a text, and lists. */
import { readJson } from './json-guard.ts';

/** Values from 500 on are the exchange's own, in every list of the API. */
export const OWN_VALUES_FROM = 500;
/** The last of the data asset types (7.4). */
export const DATA_TYPE_MAX = 12;
/** The last of the events that can be tracked (7.6). */
export const EVENT_MAX = 4;
/** The last of the methods to track them by (7.7): an image, and a script. */
export const METHOD_MAX = 2;

export function isListed(value: number, least: number, most: number): boolean {
  return (value >= least && value <= most) || value >= OWN_VALUES_FROM;
}

/**
 * The object in `text`; undefined where there is none. Version 1.0 wrapped it in `{"native": …}`, and many
 * senders still do.
 */
export function readNativeText(text: string): { native: unknown; wrapped: boolean } | undefined {
  const read = readJson(text);
  if (!read.ok || typeof read.value !== 'object' || read.value === null) return undefined;
  return 'native' in read.value
    ? { native: read.value.native, wrapped: true }
    : { native: read.value, wrapped: false };
}
