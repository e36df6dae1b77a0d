/** The size of a banner against the sizes the imp takes. */
import type { BidOffer } from '#shared/model/events.ts';
import type { Banner, BidRequest, Format, Imp } from '#shared/model/openrtb.ts';
import { LOSS, type Refusal, refuse } from './loss-reasons.ts';
import { listed } from './wording.ts';

/**
 * Allowed are the sizes in `format`, flexible ones included, and `w` × `h` of the banner itself. An
 * interstitial (`instl`) has room rather than a size: what fits inside one of the sizes is allowed,
 * inside the screen where the banner names none. Without anything to compare with, every size is.
 */
export function sizeRefusal(
  bid: BidOffer,
  banner: Banner,
  imp: Imp,
  request: BidRequest,
): Refusal | undefined {
  const formats = banner.format ?? [];
  const interstitial = imp.instl === 1;
  if (formats.length === 0 && !isSize(banner)) {
    const screen = request.device;
    if (!interstitial || screen === undefined || !isSize(screen)) return undefined;
    return fits(bid, screen, true) ? undefined : refusal(bid, [screen], true);
  }
  if (isSize(banner) && fits(bid, banner, interstitial)) return undefined;
  for (const format of formats) {
    if (isSize(format) ? fits(bid, format, interstitial) : fitsRatio(bid, format)) return undefined;
  }
  return refusal(bid, isSize(banner) ? [banner, ...formats] : formats, interstitial);
}

interface Size {
  w: number;
  h: number;
}

function isSize(value: { w?: number; h?: number }): value is Size {
  return value.w !== undefined && value.h !== undefined && value.w > 0 && value.h > 0;
}

function fits(bid: Size, room: Size, interstitial: boolean): boolean {
  if (!interstitial) return bid.w === room.w && bid.h === room.h;
  return bid.w > 0 && bid.h > 0 && bid.w <= room.w && bid.h <= room.h;
}

/** A flexible format: the ratio to within a pixel of height, and at least the least width. */
function fitsRatio(bid: Size, { wratio, hratio, wmin }: Format): boolean {
  if (wratio === undefined || hratio === undefined || bid.h <= 0) return false;
  if (bid.w < (wmin ?? 0)) return false;
  return Math.abs(bid.w * hratio - bid.h * wratio) < wratio;
}

function refusal(bid: Size, sizes: readonly Format[], interstitial: boolean): Refusal {
  const room = listed([...new Set(sizes.map(describe))]);
  const rule = interstitial
    ? `Size ${bid.w}x${bid.h} does not fit into ${room}`
    : `Size ${bid.w}x${bid.h} is not among ${room}`;
  return refuse(LOSS.sizeNotAllowed, rule);
}

function describe({ w, h, wratio, hratio, wmin }: Format): string {
  return wratio === undefined ? `${w}x${h}` : `${wratio}:${hratio} from width ${wmin ?? 0}`;
}
