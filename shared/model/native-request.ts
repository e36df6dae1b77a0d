/**
 * What may be wrong with the request of a native imp. The Dynamic Native Ads API 1.2 has been final
 * since 2017, so its lists do not grow and a value outside of them is an error, unlike in OpenRTB itself.
 */
import {
  type AskedAsset,
  hasNativeShape,
  NativeRequest,
  type NativeTracker,
  readNativeRequest,
  REMEMBERED_LENGTH_MAX,
  REMEMBERED_MAX,
} from './asked-native.ts';
import { error, type Finding, warning } from './finding.ts';
import { DATA_TYPE_MAX, EVENT_MAX, isListed, METHOD_MAX, OWN_VALUES_FROM } from './native-text.ts';
import { nullsTaken, withNulls } from './null-fields.ts';
import { negative, nonEmpty, type Out } from './openrtb-checks.ts';
import { explain } from './shapes.ts';

/** Subtypes (7.2) that belong to the context types (7.1) 1, 2 and 3. */
const SUBTYPES: Readonly<Record<number, readonly [number, number]>> = {
  1: [10, 15],
  2: [20, 22],
  3: [30, 32],
};
const PLACEMENT_TYPE_MAX = 4;
/** VAST protocols that the API names; the list itself is AdCOM's, and grows. */
const PROTOCOL_MAX = 10;
const KINDS = ['title', 'img', 'video', 'data'] as const;

/** Adds what is wrong with the native request in `text`, which is at `path`, to `out`. */
export function checkNativeRequest(text: string, path: string, out: Finding[]): void {
  if (faultless.has(text)) return;
  const found = out.length;
  checkText(text, path, out);
  if (out.length > found || text.length > REMEMBERED_LENGTH_MAX) return;
  if (faultless.size >= REMEMBERED_MAX) faultless.clear();
  faultless.add(text);
}

/**
 * Texts with nothing wrong in them. A placement sends the same one with each request, and reading it
 * costs more than all other checks of the request.
 */
const faultless = new Set<string>();

function checkText(text: string, path: string, out: Finding[]): void {
  const read = readNativeRequest(text, path);
  if (read === undefined) {
    const allowed = 'a JSON text with a Native 1.2 request';
    out.push(error(path, text, allowed, '3.2.9'));
    return;
  }
  const { native: json, nulls } = read;
  if (!hasNativeShape(json)) {
    out.push(...withNulls(explain(NativeRequest, json, path, () => 'Native 4.1'), nulls));
    return;
  }
  out.push(...nullsTaken(nulls));
  checkContext(json, path, out);
  checkAssets(json.assets, `${path}.assets`, out);
  json.eventtrackers?.forEach((tracker, i) =>
    checkTracker(tracker, `${path}.eventtrackers[${i}]`, out)
  );
}

function checkContext(request: NativeRequest, path: string, out: Out): void {
  const { context, contextsubtype: subtype, plcmttype } = request;
  if (context !== undefined && !isListed(context, 1, 3)) {
    out.push(error(`${path}.context`, context, '1 to 3, or 500 and more', 'Native 7.1'));
  }
  if (subtype !== undefined && !subtypeFits(context, subtype)) {
    const allowed = 'a subtype of the context (10-15 for 1, 20-22 for 2, 30-32 for 3), ' +
      'or 500 and more';
    out.push(error(`${path}.contextsubtype`, subtype, allowed, 'Native 7.2'));
  }
  if (plcmttype !== undefined && !isListed(plcmttype, 1, PLACEMENT_TYPE_MAX)) {
    out.push(error(`${path}.plcmttype`, plcmttype, '1 to 4, or 500 and more', 'Native 7.3'));
  }
}

function subtypeFits(context: number | undefined, subtype: number): boolean {
  if (subtype >= OWN_VALUES_FROM) return true;
  if (context !== undefined && context >= OWN_VALUES_FROM) return true;
  const ranges = context === undefined ? Object.values(SUBTYPES) : [SUBTYPES[context]];
  // Without a range the context is wrong, and has been reported.
  return ranges.some((range) => !range || (subtype >= range[0] && subtype <= range[1]));
}

function checkAssets(assets: AskedAsset[], path: string, out: Out): void {
  if (assets.length === 0) {
    out.push(error(path, assets, 'a list of at least one asset', 'Native 4.1'));
  }
  const seen = new Set<number>();
  const numbered = assets.some(({ id }) => id !== undefined);
  for (let i = 0; i < assets.length; i++) {
    const at = `${path}[${i}]`;
    const { id } = assets[i]!;
    checkAsset(assets[i]!, at, out);
    if (numbered && (id === undefined || seen.has(id))) {
      const allowed = 'an id that no other asset has, or none on all of them';
      out.push(error(`${at}.id`, id, allowed, 'Native 4.2'));
    }
    if (id !== undefined) seen.add(id);
  }
}

function checkAsset(asset: AskedAsset, path: string, out: Out): void {
  if (KINDS.filter((kind) => asset[kind] !== undefined).length !== 1) {
    const allowed = 'exactly one of title, img, video and data present';
    out.push(error(path, asset, allowed, 'Native 4.2'));
  }
  const { title, img, video, data } = asset;
  if (title && !(title.len! >= 1)) {
    const allowed = 'a whole number of at least 1';
    out.push(error(`${path}.title.len`, title.len, allowed, 'Native 4.3'));
  }
  if (img) negative(img, ['w', 'h', 'wmin', 'hmin'], `${path}.img`, out);
  if (video) checkVideo(video, `${path}.video`, out);
  if (data && !(data.type !== undefined && isListed(data.type, 1, DATA_TYPE_MAX))) {
    const allowed = '1 to 12, or 500 and more';
    out.push(error(`${path}.data.type`, data.type, allowed, 'Native 7.4'));
  }
}

function checkVideo(video: NonNullable<AskedAsset['video']>, path: string, out: Out): void {
  const { mimes, minduration, maxduration, protocols } = video;
  if (!nonEmpty(mimes)) {
    out.push(error(`${path}.mimes`, mimes, 'a list of at least one MIME type', 'Native 4.5'));
  }
  const least = 'a whole number of at least 1 (seconds)';
  if (!(minduration! >= 1)) {
    out.push(error(`${path}.minduration`, minduration, least, 'Native 4.5'));
  }
  if (!(maxduration! >= 1)) {
    out.push(error(`${path}.maxduration`, maxduration, least, 'Native 4.5'));
  }
  if (!nonEmpty(protocols)) {
    const allowed = 'a list of at least one protocol';
    out.push(error(`${path}.protocols`, protocols, allowed, 'Native 4.5'));
  }
  protocols?.forEach((protocol, i) => {
    if (protocol >= 1 && protocol <= PROTOCOL_MAX) return;
    // A newer protocol than the API knew is a list value like any other unknown one.
    const find = protocol < 1 ? error : warning;
    out.push(find(`${path}.protocols[${i}]`, protocol, '1 to 10', 'Native 4.5'));
  });
}

function checkTracker({ event, methods }: NativeTracker, path: string, out: Out): void {
  if (event === undefined || !isListed(event, 1, EVENT_MAX)) {
    out.push(error(`${path}.event`, event, '1 to 4, or 500 and more', 'Native 7.6'));
  }
  if (!nonEmpty(methods)) {
    const allowed = 'a list of at least one method';
    out.push(error(`${path}.methods`, methods, allowed, 'Native 4.7'));
  }
  methods?.forEach((method, i) => {
    if (isListed(method, 1, METHOD_MAX)) return;
    const allowed = '1 or 2, or 500 and more';
    out.push(error(`${path}.methods[${i}]`, method, allowed, 'Native 7.7'));
  });
}
