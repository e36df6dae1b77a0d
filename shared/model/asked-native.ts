/**
 * The request of a native imp, read: a JSON text after the Dynamic Native Ads API 1.2. It goes on to
 * the bidders as it came; `native-request.ts` says what is wrong with it.
 */
import { z } from 'zod';
import { readNativeText } from './native-text.ts';
import { dropNulls, fieldsOf } from './null-fields.ts';
import { shapeCheck } from './shape-check.ts';
import { integers, list, shape, strings, whole } from './shapes.ts';

const oWhole = whole.optional();

const Asset = shape({
  id: oWhole,
  required: oWhole,
  title: shape({ len: oWhole }).optional(),
  img: shape({
    type: oWhole,
    w: oWhole,
    h: oWhole,
    wmin: oWhole,
    hmin: oWhole,
    mimes: strings.optional(),
  }).optional(),
  video: shape({
    mimes: strings.optional(),
    minduration: oWhole,
    maxduration: oWhole,
    protocols: integers.optional(),
  }).optional(),
  data: shape({ type: oWhole, len: oWhole }).optional(),
});
/** At most one of title, img, video and data is there. */
export type AskedAsset = z.infer<typeof Asset>;

export const NativeTracker = shape({ event: oWhole, methods: integers.optional() });
export type NativeTracker = z.infer<typeof NativeTracker>;

export const NativeRequest = shape({
  context: oWhole,
  contextsubtype: oWhole,
  plcmttype: oWhole,
  assets: z.array(Asset, { error: 'a list of at least one asset' }),
  eventtrackers: list(NativeTracker).optional(),
});
export const hasNativeShape = shapeCheck(NativeRequest);
export type NativeRequest = z.infer<typeof NativeRequest>;

const KNOWN_FIELDS = new Set(fieldsOf(NativeRequest));

/**
 * The object in `text`, which is at `path`, without its fields that were null; undefined where there is none.
 */
export function readNativeRequest(text: string, path: string) {
  const read = readNativeText(text);
  return read && { ...read, nulls: dropNulls(read.native, KNOWN_FIELDS, path) };
}

/** What a native request asks for. */
export interface AskedNative {
  readonly assets: readonly AskedAsset[];
  /** What can be tracked, and how; nothing without any. */
  readonly trackers: readonly NativeTracker[];
  /** The request was `{"native": …}`, so its answer has to be, too (Native 1.0). */
  readonly wrapped: boolean;
}

/** Undefined where the text is no native request. The same text gives the same object for a while. */
export function askedNative(text: string): AskedNative | undefined {
  const known = asked.get(text);
  if (known !== undefined) return known;
  const { native, wrapped } = readNativeRequest(text, '') ?? { native: undefined, wrapped: false };
  if (!hasNativeShape(native)) return undefined;
  const { assets, eventtrackers: trackers = [] } = native;
  const read = { assets, trackers, wrapped };
  if (text.length <= REMEMBERED_LENGTH_MAX) {
    if (asked.size >= REMEMBERED_MAX) asked.clear();
    asked.set(text, read);
  }
  return read;
}

const asked = new Map<string, AskedNative>();
/** A placement sends the same text with each request. Many more than a publisher has; then anew. */
export const REMEMBERED_MAX = 1_000;
/** Characters; the usual has some hundred. 4 MB in all at most. */
export const REMEMBERED_LENGTH_MAX = 4_096;
