/** Whether a creative may run in what an imp offers. The auction checks the bid again. */
import type { Creative } from '#shared/model/catalog.ts';
import type { Banner, Native, Video } from '#shared/model/openrtb.ts';

/** What {@link fitsPlayer} looks at: of a video or audio imp, or of a video in a native ad. */
export type Player = Partial<
  Pick<
    Video,
    'mimes' | 'protocols' | 'rqddurs' | 'minduration' | 'maxduration' | 'battr'
  >
>;

export function fitsBanner(creative: Creative, banner: Banner): boolean {
  return !overlaps(creative.attr, banner.battr) && acceptsMimes(creative.mimes, banner.mimes);
}

/**
 * Video and audio: a file type the player takes, a markup version it knows, and a length it has
 * time for. A player scales a video, so its size does not decide. `rqddurs` names the exact lengths
 * wanted and replaces the range (OpenRTB 2.6 §3.2.7).
 *
 * @param protocol of the creative's markup; 0 where it has none to be held against
 */
export function fitsPlayer(
  creative: Pick<Creative, 'dur' | 'mimes' | 'attr'>,
  protocol: number,
  player: Player,
): boolean {
  const { mimes, protocols, rqddurs, minduration = 0, maxduration = Infinity, battr } = player;
  const seconds = creative.dur ?? 0;
  const lengthFits = rqddurs !== undefined && rqddurs.length > 0
    ? rqddurs.includes(seconds)
    : seconds >= minduration && seconds <= maxduration;
  const protocolFits = protocol === 0 || protocols === undefined || protocols.length === 0 ||
    protocols.includes(protocol);
  return lengthFits && protocolFits && acceptsMimes(creative.mimes, mimes) &&
    !overlaps(creative.attr, battr);
}

/** Its assets are held against those asked for by `native-bid.ts`. */
export function fitsNative(creative: Creative, native: Native): boolean {
  return !overlaps(creative.attr, native.battr);
}

/** A creative that names no type is taken at its word; an imp that names none takes all. */
export function acceptsMimes(
  offered: readonly string[],
  wanted: readonly string[] | undefined,
): boolean {
  if (offered.length === 0 || wanted === undefined || wanted.length === 0) return true;
  return overlaps(offered, wanted);
}

function overlaps<T>(own: readonly T[], theirs: readonly T[] | undefined): boolean {
  if (theirs === undefined || theirs.length === 0) return false;
  for (const value of own) if (theirs.includes(value)) return true;
  return false;
}
