/** The rules of one imp, its media objects and its deals. See `openrtb-rules.ts`. */
import { dnsName } from './bare-domain.ts';
import { error, warning } from './finding.ts';
import { goesByLength } from './floor.ts';
import { CURRENCY, MICROS_PER_CPM, PRICE_MICROS_MAX } from './money.ts';
import { checkNativeRequest } from './native-request.ts';
import { checkId, checkIdIfAny, negative, nonEmpty, type Out } from './openrtb-checks.ts';
import type { Audio, Banner, Deal, DurFloors, Format, Imp, Metric, Video } from './openrtb.ts';

const CPM_MAX = PRICE_MICROS_MAX / MICROS_PER_CPM;

/** Adds what is wrong with `imp`, which is at `path`, to `out`. */
export function checkImp(imp: Imp, path: string, out: Out): void {
  checkId(imp.id, path, 'id', '3.2.4', out);
  checkIdIfAny(imp.tagid, path, 'tagid', out);
  checkFloor(imp, path, out);
  const { banner, video, audio, native } = imp;
  if (!banner && !video && !audio && !native) {
    const allowed = 'at least one of banner, video, audio and native present';
    out.push(error(path, imp, allowed, '3.2.4'));
  }
  if (banner) checkBanner(banner, `${path}.banner`, imp.instl === 1, out);
  if (video) checkVideo(video, `${path}.video`, out);
  if (audio) checkMedia(audio, `${path}.audio`, '3.2.8', out);
  if (native) checkNativeRequest(native.request, `${path}.native.request`, out);
  if (imp.pmp) checkPmp(imp.pmp, `${path}.pmp`, out);
  if (imp.metric) checkMetrics(imp.metric, `${path}.metric`, out);
}

function checkFloor(
  { bidfloor, bidfloorcur }: { bidfloor?: number; bidfloorcur?: string },
  path: string,
  out: Out,
): void {
  checkCpm(bidfloor, path, 'bidfloor', out);
  // An empty currency says nothing, like an absent one.
  if (bidfloorcur && bidfloorcur !== CURRENCY) {
    const fix = `Give the floor in ${CURRENCY}: currencies are not converted yet`;
    out.push(error(`${path}.bidfloorcur`, bidfloorcur, `"${CURRENCY}"`, 'house', fix));
  }
}

function checkCpm(cpm: number | undefined, path: string, key: string, out: Out): void {
  if (cpm! < 0 || cpm! > CPM_MAX) {
    out.push(error(`${path}.${key}`, cpm, `a CPM from 0 to ${CPM_MAX}`, 'house'));
  }
}

function checkBanner(banner: Banner, path: string, interstitial: boolean, out: Out): void {
  checkBannerFields(banner, path, out);
  if (interstitial || nonEmpty(banner.format)) return;
  if (banner.w! > 0 && banner.h! > 0) return;
  const key = banner.w! > 0 ? 'h' : 'w';
  // A negative size has been reported already.
  if (banner[key]! < 0) return;
  const allowed = 'a whole number of at least 1, where format is absent';
  out.push(error(`${path}.${key}`, banner[key], allowed, 'house', 'Give w and h, or format'));
}

/** What holds for a companion ad too, which needs no size. */
function checkBannerFields(banner: Banner & SizeRange, path: string, out: Out): void {
  if (banner.w! < 0 || banner.h! < 0) negative(banner, ['w', 'h'], path, out);
  refuse(banner.wmin, path, 'wmin', out);
  refuse(banner.wmax, path, 'wmax', out);
  refuse(banner.hmin, path, 'hmin', out);
  refuse(banner.hmax, path, 'hmax', out);
  const { format } = banner;
  if (!format) return;
  for (let i = 0; i < format.length; i++) checkFormat(format[i]!, path, i, out);
}

/** Fields of OpenRTB before 2.4 that `format` replaced: ignoring them could sell a wrong size. */
interface SizeRange {
  wmin?: unknown;
  wmax?: unknown;
  hmin?: unknown;
  hmax?: unknown;
}

function refuse(value: unknown, path: string, key: string, out: Out): void {
  if (value === undefined || value === null) return;
  out.push(error(`${path}.${key}`, value, 'absent', 'house', 'List the sizes in format'));
}

/** A size is either exact (w, h) or a ratio with a least width (wmin, wratio, hratio). */
function checkFormat(format: Format, path: string, index: number, out: Out): void {
  const { w, h, wmin, wratio, hratio } = format;
  const exact = w! > 0 && h! > 0;
  const flexible = wmin! > 0 && wratio! > 0 && hratio! > 0;
  const noExact = w === undefined && h === undefined;
  const noFlexible = wmin === undefined && wratio === undefined && hratio === undefined;
  if ((exact && noFlexible) || (flexible && noExact)) return;
  const at = `${path}.format[${index}]`;
  if (!noExact && !noFlexible) {
    const fix = 'Make two formats of it';
    out.push(error(at, format, 'either w and h, or wmin, wratio and hratio', 'house', fix));
    return;
  }
  const keys = noFlexible ? ['w', 'h'] as const : ['wmin', 'wratio', 'hratio'] as const;
  for (const key of keys) {
    if (!(format[key]! > 0)) {
      out.push(error(`${at}.${key}`, format[key], 'a whole number of at least 1', 'house'));
    }
  }
}

function checkVideo(video: Video, path: string, out: Out): void {
  if (video.w! < 0 || video.h! < 0) negative(video, ['w', 'h'], path, out);
  checkMedia(video, path, '3.2.7', out);
}

const NOT_NEGATIVE = [
  'minduration',
  'maxduration',
  'minbitrate',
  'maxbitrate',
  'sequence',
  'maxseq',
] as const;

function checkMedia(media: Video | Audio, path: string, section: string, out: Out): void {
  const { mimes, minduration, maxduration, rqddurs, companionad } = media;
  if (mimes.length === 0) {
    out.push(error(`${path}.mimes`, mimes, 'a list of at least one MIME type', section));
  }
  for (const key of NOT_NEGATIVE) {
    if (media[key]! < 0) negative(media, [key], path, out);
  }
  if (nonEmpty(rqddurs)) checkRequiredDurations(media, path, section, out);
  else if (minduration! > maxduration!) {
    const allowed = 'at least minduration; no ad is that short and that long';
    out.push(warning(`${path}.maxduration`, maxduration, allowed, section));
  }
  checkDurationFloors(media, path, section, out);
  if (!companionad) return;
  for (let i = 0; i < companionad.length; i++) {
    checkBannerFields(companionad[i]!, `${path}.companionad[${i}]`, out);
  }
}

function checkRequiredDurations(
  { rqddurs, minduration, maxduration }: Video | Audio,
  path: string,
  section: string,
  out: Out,
): void {
  if (minduration !== undefined) {
    out.push(error(`${path}.minduration`, minduration, 'absent beside rqddurs', section));
  }
  if (maxduration !== undefined) {
    out.push(error(`${path}.maxduration`, maxduration, 'absent beside rqddurs', section));
  }
  for (let i = 0; i < rqddurs!.length; i++) {
    if (rqddurs![i]! >= 1) continue;
    const allowed = 'a whole number of at least 1 (seconds)';
    out.push(error(`${path}.rqddurs[${i}]`, rqddurs![i], allowed, 'house'));
  }
}

/** Floors by length, of a video, an audio or a deal: one form of them, each range with an end. */
function checkDurationFloors(
  { mincpmpersec, durfloors }: { mincpmpersec?: number; durfloors?: DurFloors[] },
  path: string,
  section: string,
  out: Out,
): void {
  checkCpm(mincpmpersec, path, 'mincpmpersec', out);
  if (!nonEmpty(durfloors)) return;
  if (mincpmpersec !== undefined) {
    out.push(error(`${path}.durfloors`, durfloors, 'absent beside mincpmpersec', section));
  }
  for (let i = 0; i < durfloors!.length; i++) {
    const { mindur, maxdur, bidfloor } = durfloors![i]!;
    const at = `${path}.durfloors[${i}]`;
    if (mindur === undefined && maxdur === undefined) {
      out.push(error(at, durfloors![i], 'mindur or maxdur present, or both', '3.2.35'));
    }
    if (mindur! < 0 || maxdur! < 0) negative(durfloors![i]!, ['mindur', 'maxdur'], at, out);
    checkCpm(bidfloor, at, 'bidfloor', out);
  }
}

function checkPmp(pmp: NonNullable<Imp['pmp']>, path: string, out: Out): void {
  const { private_auction: closed, deals } = pmp;
  if (closed !== undefined && closed !== 0 && closed !== 1) {
    out.push(error(`${path}.private_auction`, closed, '0 or 1', '3.2.11'));
  }
  if (closed === 1 && !nonEmpty(deals)) {
    const allowed = 'at least one deal; in a private auction only deals can win';
    out.push(warning(`${path}.deals`, deals, allowed, '3.2.11'));
  }
  if (!deals) return;
  for (let i = 0; i < deals.length; i++) checkDeal(deals[i]!, `${path}.deals[${i}]`, out);
  if (deals.length > 1) checkDealIds(deals, path, out);
}

function checkDealIds(deals: Deal[], path: string, out: Out): void {
  const seen = new Set<string>();
  for (let i = 0; i < deals.length; i++) {
    const { id } = deals[i]!;
    if (seen.has(id)) {
      const allowed = 'an id that no other deal of the imp has';
      out.push(
        warning(`${path}.deals[${i}].id`, id, allowed, '3.2.12', 'The first of them counts'),
      );
    }
    seen.add(id);
  }
}

function checkDeal(deal: Deal, path: string, out: Out): void {
  checkId(deal.id, path, 'id', '3.2.12', out);
  checkFloor(deal, path, out);
  checkDurationFloors(deal, path, '3.2.12', out);
  if (deal.wadomain !== undefined) deal.wadomain = deal.wadomain.map(dnsName);
  if (deal.at !== 3 || deal.bidfloor !== undefined || goesByLength(deal)) return;
  const allowed = 'the agreed price, as at is 3';
  const fix = 'The floor of the imp is charged';
  out.push(warning(`${path}.bidfloor`, undefined, allowed, '3.2.12', fix));
}

function checkMetrics(metrics: Metric[], path: string, out: Out): void {
  for (let i = 0; i < metrics.length; i++) {
    if (metrics[i]!.type === '') {
      out.push(error(`${path}[${i}].type`, '', 'the name of a metric', '3.2.5'));
    }
  }
}
