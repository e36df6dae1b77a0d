/**
 * A native ad as a creative's markup holds it: a response after the Dynamic Native Ads API 1.2 with all
 * the assets the advertiser has. A bid serves those a request asks for, so each says what it is: data
 * and pictures by their type, which the API leaves open for responses.
 */
import { z } from 'zod';
import { error, type Finding } from './finding.ts';
import { DATA_TYPE_MAX, EVENT_MAX, isListed, METHOD_MAX, readNativeText } from './native-text.ts';
import type { Out } from './openrtb-checks.ts';
import { shapeCheck } from './shape-check.ts';
import { explain, list, shape, text, whole } from './shapes.ts';

const oWhole = whole.optional();
/** Type of an image (7.5): what a picture is that does not say. */
export const MAIN_IMAGE = 3;

const Asset = shape({
  title: shape({ text }).optional(),
  img: shape({ type: oWhole, url: text, w: oWhole, h: oWhole }).optional(),
  video: shape({ vasttag: text }).optional(),
  data: shape({ type: oWhole, value: text }).optional(),
});
/** As it was written, with what else the advertiser has put there (`link`). */
export type NativeAsset = z.infer<typeof Asset>;

const EventTracker = shape({ event: whole, method: whole, url: text.optional() });
export type EventTracker = z.infer<typeof EventTracker>;

const NativeAd = shape({
  link: shape({ url: text }),
  assets: z.array(Asset, { error: 'a list of at least one asset' }),
  eventtrackers: list(EventTracker).optional(),
});
export type NativeAd = z.infer<typeof NativeAd>;
const hasAdShape = shapeCheck(NativeAd);

/** Undefined where the markup is no native ad. */
export function readNativeAd(adm: string): NativeAd | undefined {
  const json = readNativeText(adm)?.native;
  return hasAdShape(json) ? json : undefined;
}

/** What is wrong with the markup `adm`, which is at `path`. */
export function nativeAdErrors(adm: string, path: string): Finding[] {
  const json = readNativeText(adm)?.native;
  if (json === undefined) {
    return [error(path, adm, 'a JSON text with a Native 1.2 response', 'house')];
  }
  if (!hasAdShape(json)) return explain(NativeAd, json, path, () => 'house');
  const out: Finding[] = [];
  if (json.link.url === '') out.push(error(`${path}.link.url`, '', 'the landing page', 'house'));
  if (json.assets.length === 0) {
    out.push(error(`${path}.assets`, json.assets, 'a list of at least one asset', 'house'));
  }
  json.assets.forEach((asset, i) => checkAsset(asset, `${path}.assets[${i}]`, out));
  json.eventtrackers?.forEach((tracker, i) =>
    checkTracker(tracker, `${path}.eventtrackers[${i}]`, out)
  );
  return out;
}

function checkAsset({ title, img, video, data }: NativeAsset, path: string, out: Out): void {
  if ([title, img, video, data].filter((kind) => kind !== undefined).length !== 1) {
    const allowed = 'exactly one of title, img, video and data present';
    out.push(error(path, { title, img, video, data }, allowed, 'house'));
  }
  if (title?.text === '') out.push(error(`${path}.title.text`, '', 'a text', 'house'));
  if (img !== undefined) checkImage(img, `${path}.img`, out);
  if (video !== undefined && !video.vasttag.includes('<VAST')) {
    out.push(error(`${path}.video.vasttag`, video.vasttag, 'VAST', 'house'));
  }
  if (data !== undefined) {
    const { type = 0, value } = data;
    if (value === '') out.push(error(`${path}.data.value`, '', 'a text', 'house'));
    if (!isListed(type, 1, DATA_TYPE_MAX)) {
      const allowed = '1 to 12, or 500 and more (Native 7.4): requests ask by it';
      out.push(error(`${path}.data.type`, data.type, allowed, 'house'));
    }
  }
}

function checkImage(img: NonNullable<NativeAsset['img']>, path: string, out: Out): void {
  if (img.url === '') out.push(error(`${path}.url`, '', 'an address', 'house'));
  for (const side of ['w', 'h'] as const) {
    if ((img[side] ?? 0) >= 1) continue;
    const allowed = 'a whole number of at least 1 (pixels): requests ask by it';
    out.push(error(`${path}.${side}`, img[side], allowed, 'house'));
  }
  if (img.type !== undefined && img.type < 1) {
    out.push(
      error(`${path}.type`, img.type, '1 (icon), 3 (main picture), or 500 and more', 'house'),
    );
  }
}

/** An image and a script have an address; what the publisher and the exchange agreed on need not. */
function checkTracker({ event, method, url }: EventTracker, path: string, out: Out): void {
  if (!isListed(event, 1, EVENT_MAX)) {
    out.push(error(`${path}.event`, event, '1 to 4, or 500 and more (Native 7.6)', 'house'));
  }
  if (!isListed(method, 1, METHOD_MAX)) {
    out.push(error(`${path}.method`, method, '1 or 2, or 500 and more (Native 7.7)', 'house'));
  }
  if (method <= METHOD_MAX && !url) out.push(error(`${path}.url`, url, 'an address', 'house'));
}
