/** The creative of a bid against what the imp takes and what the publisher blocks. */
import type { BidOffer } from '#shared/model/events.ts';
import type { Audio, BidRequest, Imp, MediaType, Video } from '#shared/model/openrtb.ts';
import { mediaTypesOf, MTYPE } from '#shared/model/openrtb.ts';
import { mayLoadSecurely } from '#shared/model/secure-markup.ts';
import { advertiserRefusal } from './advertiser.ts';
import { sizeRefusal } from './banner-size.ts';
import { categoryRefusal } from './categories.ts';
import { LOSS, type Refusal, refuse } from './loss-reasons.ts';
import type { Terms } from './terms.ts';
import { listed } from './wording.ts';

export function creativeRefusal(
  bid: BidOffer,
  imp: Imp,
  request: BidRequest,
  { deal }: Terms,
): Refusal | undefined {
  const type = mediaTypeOf(bid.mtype);
  if (type === undefined || imp[type] === undefined) return typeRefusal(bid, type, imp);
  if (!isText(bid.adm)) return refuse(LOSS.missingMarkup, 'Bid has no markup (adm)');
  if (!isText(bid.crid)) return refuse(LOSS.missingCreativeId, 'Bid has no creative id (crid)');
  return advertiserRefusal(bid.adomain, request.badv, deal) ??
    categoryRefusal(bid.cat, request) ??
    attributeRefusal(bid.attr, type, imp) ??
    formRefusal(bid, type, imp, request) ??
    (imp.secure === 1 ? secureRefusal(bid.adm) : undefined);
}

/** The media type a bid's `mtype` stands for. */
export function mediaTypeOf(mtype: number): MediaType | undefined {
  return MEDIA_TYPES.get(mtype);
}
const MEDIA_TYPES = new Map(
  (Object.keys(MTYPE) as MediaType[]).map((type) => [MTYPE[type] as number, type]),
);

function typeRefusal(bid: BidOffer, type: MediaType | undefined, imp: Imp): Refusal {
  const named = type ?? (typeof bid.mtype === 'number' ? `mtype ${bid.mtype}` : 'no mtype');
  const rule = `Bid is for ${named}, but the imp takes ${listed(mediaTypesOf(imp))}`;
  return refuse(LOSS.incorrectCreativeFormat, rule);
}

function attributeRefusal(
  attributes: readonly number[],
  type: MediaType,
  imp: Imp,
): Refusal | undefined {
  const blocked = imp[type]?.battr?.find((attribute) => attributes.includes(attribute));
  if (blocked === undefined) return undefined;
  const rule = `Creative attribute ${blocked} is blocked by ${type}.battr`;
  return refuse(LOSS.creativeAttributeExcluded, rule);
}

/** Size of a banner, length of a video or audio; native has neither. */
function formRefusal(
  bid: BidOffer,
  type: MediaType,
  imp: Imp,
  request: BidRequest,
): Refusal | undefined {
  if (type === 'banner') return sizeRefusal(bid, imp.banner!, imp, request);
  if (type === 'native') return undefined;
  return durationRefusal(bid.dur, imp[type]!);
}

/** A bid that does not say how long its creative is passes: OpenRTB does not ask it to. */
function durationRefusal(dur: number | undefined, media: Video | Audio): Refusal | undefined {
  if (dur === undefined) return undefined;
  const { minduration, maxduration, rqddurs } = media;
  let rule = '';
  if (rqddurs !== undefined && rqddurs.length > 0) {
    if (!rqddurs.includes(dur)) rule = `is not among the required ${listed(rqddurs)} s`;
  } else if (minduration !== undefined && dur < minduration) {
    rule = `is below the least of ${minduration} s`;
  } else if (maxduration !== undefined && dur > maxduration) {
    rule = `is above the most of ${maxduration} s`;
  }
  return rule === ''
    ? undefined
    : refuse(LOSS.incorrectCreativeFormat, `Duration of ${dur} s ${rule}`);
}

function secureRefusal(adm: string): Refusal | undefined {
  if (mayLoadSecurely(adm)) return undefined;
  return refuse(LOSS.notSecure, 'Imp is secure, but the markup loads over http only');
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
