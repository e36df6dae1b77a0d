/** One seat's answer to one request: per imp the best of its campaigns, or why there is none. */
import { type AskedNative, askedNative } from '#shared/model/asked-native.ts';
import type { BidOffer, NoBidReason, SeatAnswer } from '#shared/model/events.ts';
import { joined } from '#shared/model/flat-text.ts';
import { floorToMicros, goesByLength, lengthFloorMicros } from '#shared/model/floor.ts';
import { CURRENCY } from '#shared/model/money.ts';
import { type Audio, type BidRequest, type Imp, MTYPE, type Video } from '#shared/model/openrtb.ts';
import { mayLoadSecurely } from '#shared/model/secure-markup.ts';
import { type Candidate, type IndexedSeat, sizeKey } from './campaign-index.ts';
import { fitsBanner, fitsNative, fitsPlayer } from './creative-fit.ts';
import { type Surroundings, targets } from './targeting.ts';
import type { UserMatch } from './user-match.ts';

/** In `IndexedSeat.prices`: not looked at in this request yet, or not targeted at it. */
const UNKNOWN = -1;
const NOT_TARGETED = -2;

/**
 * @param match loaded with the user's profile, or with none
 * @param around of the same request
 */
export function bidForSeat(
  auctionId: string,
  request: BidRequest,
  around: Surroundings,
  match: UserMatch,
  seat: IndexedSeat,
): SeatAnswer {
  const answer: SeatAnswer = { seat: seat.id, bids: [], noBids: [] };
  const refusal = refusalOf(request, seat);
  if (refusal !== undefined) {
    for (const imp of request.imp) answer.noBids.push({ impid: imp.id, reason: refusal });
    return answer;
  }
  // A campaign costs the same for every imp of a request: priced when first met, then kept.
  seat.prices.fill(UNKNOWN);
  const search = new Search(seat, around, match);
  for (let at = 0; at < request.imp.length; at++) {
    const imp = request.imp[at]!;
    const found = search.bestFor(imp);
    if (typeof found === 'string') answer.noBids.push({ impid: imp.id, reason: found });
    else answer.bids.push(offer(found, search, imp.id, bidId(auctionId, at, seat.id)));
  }
  return answer;
}

/** Why a seat bids on no imp of the request. */
function refusalOf(request: BidRequest, seat: IndexedSeat): NoBidReason | undefined {
  const { wseat, bseat, cur } = request;
  if (wseat !== undefined && wseat.length > 0 && !wseat.includes(seat.id)) {
    return 'seat_not_allowed';
  }
  if (bseat !== undefined && bseat.includes(seat.id)) return 'seat_not_allowed';
  if (cur !== undefined && cur.length > 0 && !cur.includes(CURRENCY)) return 'currency';
  return seat.campaigns.length === 0 ? 'no_campaign' : undefined;
}

/**
 * Unique in an exchange and the same whenever the auction is computed again: the place of the imp
 * stands for its id, whose characters are anybody's choice.
 */
function bidId(auctionId: string, impAt: number, seat: string): string {
  return joined(auctionId, '.', impAt, '.', seat);
}

class Search {
  /** Price of what {@link bestFor} found last. */
  bestMicros = 0;
  /** What the imp looked at last asks of a native ad, if it takes one. */
  asked: AskedNative | undefined;
  #best: Candidate | undefined;
  #anyFits = false;
  #anyTargeted = false;
  /** The imp takes secure markup only. */
  #secure = false;
  /** Of what goes by no length. */
  #floorMicros = 0;
  readonly #seat: IndexedSeat;
  readonly #around: Surroundings;
  readonly #match: UserMatch;

  constructor(seat: IndexedSeat, around: Surroundings, match: UserMatch) {
    this.#seat = seat;
    this.#around = around;
    this.#match = match;
  }

  /** The dearest campaign with a fitting creative; of equal ones the lowest campaign id. */
  bestFor(imp: Imp): Candidate | NoBidReason {
    const floorMicros = floorToMicros(imp.bidfloor ?? 0);
    // Without conversion a floor in another currency cannot be met knowingly.
    if (floorMicros > 0 && (imp.bidfloorcur ?? CURRENCY) !== CURRENCY) return 'currency';
    this.#best = undefined;
    this.#anyFits = false;
    this.#anyTargeted = false;
    this.#secure = imp.secure === 1;
    this.#floorMicros = floorMicros;
    this.bestMicros = 0;
    this.asked = undefined;
    const { banner, video, audio, native } = imp;
    if (banner !== undefined) this.#searchBanners(banner);
    if (video !== undefined) this.#searchPlayer(this.#seat.video, video);
    if (audio !== undefined) this.#searchPlayer(this.#seat.audio, audio);
    if (native !== undefined) this.#searchNative(native);
    if (this.#best !== undefined) return this.#best;
    return this.#anyTargeted ? 'below_floor' : this.#anyFits ? 'not_targeted' : 'no_creative';
  }

  #searchPlayer(candidates: readonly Candidate[], player: Video | Audio): void {
    const byLength = goesByLength(player);
    for (const candidate of candidates) {
      const { creative, protocol } = candidate;
      const { dur } = creative;
      if (!fitsPlayer(creative, protocol, player) || (byLength && dur === undefined)) continue;
      const ofLength = byLength ? lengthFloorMicros(player, dur!) : undefined;
      this.#consider(candidate, ofLength ?? this.#floorMicros);
    }
  }

  /** In the publisher's order of formats, so that of one campaign the size named first is taken. */
  #searchBanners(banner: NonNullable<Imp['banner']>): void {
    const { format = [], w: width = 0, h: height = 0 } = banner;
    for (const { w, h } of format) {
      // Formats by ratio (wratio, hratio, wmin) have no size to look up.
      if (w !== undefined && h !== undefined) this.#searchSize(banner, w, h);
    }
    const isNamed = format.some(({ w, h }) => w === width && h === height);
    if (width > 0 && !isNamed) this.#searchSize(banner, width, height);
  }

  #searchNative(native: NonNullable<Imp['native']>): void {
    if (this.#seat.native.length === 0) return;
    this.asked = askedNative(native.request);
    if (this.asked === undefined) return;
    for (const candidate of this.#seat.native) {
      const markup = candidate.native;
      if (!fitsNative(candidate.creative, native) || !markup?.answers(this.asked)) continue;
      if (this.#secure && !mayLoadSecurely(markup.adm(this.asked))) continue;
      this.#consider(candidate, this.#floorMicros);
    }
  }

  #searchSize(banner: NonNullable<Imp['banner']>, w: number, h: number): void {
    const candidates = this.#seat.banners.get(sizeKey(w, h));
    if (candidates === undefined) return;
    for (const candidate of candidates) {
      const { creative } = candidate;
      if (creative.w !== w || creative.h !== h) continue;
      if (fitsBanner(creative, banner)) this.#consider(candidate, this.#floorMicros);
    }
  }

  #consider(candidate: Candidate, floorMicros: number): void {
    if (this.#secure && !candidate.secure) return;
    this.#anyFits = true;
    const price = this.#priceOf(candidate);
    if (price === NOT_TARGETED) return;
    this.#anyTargeted = true;
    if (price < floorMicros || price === 0) return;
    const best = this.#best;
    const better = best === undefined || price > this.bestMicros ||
      (price === this.bestMicros && candidate.campaign.order < best.campaign.order);
    if (!better) return;
    this.#best = candidate;
    this.bestMicros = price;
  }

  #priceOf({ campaign }: Candidate): number {
    const { prices } = this.#seat;
    const known = prices[campaign.order]!;
    if (known !== UNKNOWN) return known;
    const price = targets(campaign, this.#around)
      ? this.#match.priceMicros(campaign)
      : NOT_TARGETED;
    prices[campaign.order] = price;
    return price;
  }
}

function offer(
  { campaign, creative, native }: Candidate,
  { bestMicros, asked }: Search,
  impid: string,
  id: string,
): BidOffer {
  const bid: BidOffer = {
    id,
    impid,
    priceMicros: bestMicros,
    currency: campaign.currency,
    mtype: MTYPE[creative.type],
    adm: native !== undefined && asked !== undefined ? native.adm(asked) : creative.adm,
    adomain: campaign.adomain,
    crid: creative.id,
    cid: campaign.id,
    cat: campaign.cat,
    attr: creative.attr,
    w: creative.w,
    h: creative.h,
  };
  if (creative.dur !== undefined) bid.dur = creative.dur;
  return bid;
}
