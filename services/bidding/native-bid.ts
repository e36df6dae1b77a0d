/**
 * The markup of a native bid: of a creative's assets those that the request asks for, under the ids it
 * gave them (Native 1.2 §5.2), and of its event trackers those that the request can do (§5.8). A creative
 * that lacks a required asset does not fit.
 */
import type { AskedAsset, AskedNative, NativeTracker } from '#shared/model/asked-native.ts';
import { joined } from '#shared/model/flat-text.ts';
import {
  type EventTracker,
  MAIN_IMAGE,
  type NativeAsset,
  readNativeAd,
} from '#shared/model/native-ad.ts';
import { acceptsMimes, fitsPlayer } from './creative-fit.ts';
import { vastMimes, vastProtocol, vastSeconds } from './vast.ts';

/** Which own asset answers each asked one, in their order; absent ones are left out. */
type Served = readonly { readonly asked: number; readonly own: number }[];

/** Answers kept of one creative: few placements get most requests. 10 MB for a thousand creatives. */
const WRITTEN_MAX = 16;

export class NativeMarkup {
  readonly #assets: readonly OwnAsset[];
  readonly #trackers: readonly EventTracker[];
  /** All but those, `{"ver":"1.2","link":{…}`. */
  readonly #head: string;
  /** By what was asked for, which is the same object as long as a publisher asks the same. */
  readonly #served = new WeakMap<AskedNative, Served>();
  readonly #written = new Map<AskedNative, string>();

  private constructor(
    assets: readonly OwnAsset[],
    trackers: readonly EventTracker[],
    head: string,
  ) {
    this.#assets = assets;
    this.#trackers = trackers;
    this.#head = head;
  }

  /** Undefined where the markup of a creative is no native ad: it can answer nothing. */
  static of(adm: string): NativeMarkup | undefined {
    const ad = readNativeAd(adm);
    if (ad === undefined) return undefined;
    const { assets, eventtrackers = [], ...rest } = ad;
    const head = JSON.stringify(rest).slice(0, -1);
    return new NativeMarkup(assets.map(ownAsset), eventtrackers, head);
  }

  /** Whether every required asset is there, and any at all. */
  answers(asked: AskedNative): boolean {
    return this.#serve(asked).length > 0;
  }

  /** The markup for it. @param asked what it {@link answers} */
  adm(asked: AskedNative): string {
    let adm = this.#written.get(asked);
    if (adm === undefined) {
      adm = this.#write(asked);
      if (this.#written.size >= WRITTEN_MAX) this.#written.clear();
      this.#written.set(asked, adm);
    }
    return adm;
  }

  #write(asked: AskedNative): string {
    const assets = this.#serve(asked).map(({ asked: at, own }, i) => {
      const id = asked.assets[at]!.id ?? at;
      return joined(i === 0 ? '' : ',', '{"id":', id, this.#assets[own]!.tail);
    });
    const trackers = this.#trackers.filter((own) => asked.trackers.some((can) => tracks(can, own)));
    const tail = trackers.length > 0 ? `,"eventtrackers":${JSON.stringify(trackers)}}` : '}';
    const ad = [this.#head, ',"assets":[', ...assets, ']', tail];
    return asked.wrapped ? joined('{"native":', ...ad, '}') : joined(...ad);
  }

  #serve(asked: AskedNative): Served {
    let served = this.#served.get(asked);
    if (served === undefined) {
      served = pair(asked.assets, this.#assets) ?? [];
      this.#served.set(asked, served);
    }
    return served;
  }
}

function tracks({ event, methods = [] }: NativeTracker, own: EventTracker): boolean {
  return event === own.event && methods.includes(own.method);
}

/** Each own asset once, the required ones first; the first that fits, so the advertiser's order decides. */
function pair(asked: readonly AskedAsset[], assets: readonly OwnAsset[]): Served | undefined {
  const ownOf = new Map<number, number>();
  const taken = new Set<number>();
  for (const required of [true, false]) {
    for (const [at, asset] of asked.entries()) {
      if ((asset.required === 1) !== required) continue;
      const own = assets.findIndex((candidate, i) => !taken.has(i) && fits(candidate, asset));
      if (own >= 0) {
        ownOf.set(at, own);
        taken.add(own);
      } else if (required) return undefined;
    }
  }
  return [...ownOf].map(([at, own]) => ({ asked: at, own })).sort((a, b) => a.asked - b.asked);
}

interface OwnAsset extends NativeAsset {
  /** Its JSON after the id: `,"title":{…}}`. */
  readonly tail: string;
}

function ownAsset(asset: NativeAsset & { id?: unknown }): OwnAsset {
  const { id: _, ...rest } = asset;
  return { ...rest, tail: `,${JSON.stringify(rest).slice(1)}` };
}

function fits({ title, img, video, data }: NativeAsset, asked: AskedAsset): boolean {
  if (asked.title !== undefined) {
    return title !== undefined && isWithin(title.text, asked.title.len);
  }
  if (asked.img !== undefined) return img !== undefined && fitsImage(img, asked.img);
  if (asked.video !== undefined) {
    return video !== undefined && fitsVideo(video.vasttag, asked.video);
  }
  return data !== undefined && asked.data !== undefined && data.type === asked.data.type &&
    isWithin(data.value, asked.data.len);
}

/** @param len characters; absent or 0: any length */
function isWithin(words: string, len: number | undefined): boolean {
  return len === undefined || len < 1 || words.length <= len || [...words].length <= len;
}

function fitsImage(
  own: NonNullable<NativeAsset['img']>,
  { type, w, h, wmin, hmin, mimes }: NonNullable<AskedAsset['img']>,
): boolean {
  if (type !== undefined && type !== (own.type ?? MAIN_IMAGE)) return false;
  return fitsSide(own.w, w, wmin) && fitsSide(own.h, h, hmin) &&
    acceptsMimes(imageMimes(own.url), mimes);
}

/** A least size means that the picture is scaled; a size alone is exact (Native 1.2 §4.4). */
function fitsSide(own = 0, exact = 0, least = 0): boolean {
  if (least > 0) return own >= least;
  return exact < 1 || own === exact;
}

const IMAGE_MIMES: Readonly<Record<string, readonly string[]>> = {
  jpg: ['image/jpeg', 'image/jpg'],
  jpeg: ['image/jpeg', 'image/jpg'],
  png: ['image/png'],
  gif: ['image/gif'],
  webp: ['image/webp'],
  avif: ['image/avif'],
};

/** By the end of its address; none where that does not tell. */
function imageMimes(url: string): readonly string[] {
  const end = /\.(\w+)(?:[?#]|$)/.exec(url)?.[1] ?? '';
  return IMAGE_MIMES[end.toLowerCase()] ?? [];
}

/** A video that does not say how long it is fits no time. */
function fitsVideo(vasttag: string, asked: NonNullable<AskedAsset['video']>): boolean {
  const dur = vastSeconds(vasttag);
  const file = { mimes: vastMimes(vasttag), attr: [], ...(dur !== undefined && { dur }) };
  return fitsPlayer(file, vastProtocol(vasttag), asked);
}
