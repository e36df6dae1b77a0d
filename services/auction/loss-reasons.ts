/**
 * Why a bid did not win, as OpenRTB 3.0 numbers it (List: Loss Reason Codes). The list is complete,
 * so that reports can name every code; docs/auction.md says which of them an auction gives.
 */
import type { BidFate } from '#shared/model/events.ts';

export const LOSS = {
  won: 0,
  internalError: 1,
  impressionExpired: 2,
  invalidBidResponse: 3,
  invalidDealId: 4,
  invalidAuctionId: 5,
  invalidAdvertiserDomain: 6,
  missingMarkup: 7,
  missingCreativeId: 8,
  missingBidPrice: 9,
  missingApprovalData: 10,
  belowAuctionFloor: 100,
  belowDealFloor: 101,
  lostToHigherBid: 102,
  lostToDealBid: 103,
  buyerSeatBlocked: 104,
  creativeFiltered: 200,
  creativePending: 201,
  creativeDisapproved: 202,
  sizeNotAllowed: 203,
  incorrectCreativeFormat: 204,
  advertiserExcluded: 205,
  appStoreIdExcluded: 206,
  notSecure: 207,
  languageExcluded: 208,
  categoryExcluded: 209,
  creativeAttributeExcluded: 210,
  adTypeExcluded: 211,
  animationTooLong: 212,
  notAllowedInDeal: 213,
  invalidSkAdNetwork: 214,
  appBundleExcluded: 215,
} as const;
export type LossCode = (typeof LOSS)[keyof typeof LOSS];

/** Each code in a few words, for tables and charts; a bid's own sentence is {@link BidFate.rule}. */
export const LOSS_WORDS: Readonly<Record<LossCode, string>> = {
  [LOSS.won]: 'Bid won',
  [LOSS.internalError]: 'Internal error',
  [LOSS.impressionExpired]: 'Impression opportunity expired',
  [LOSS.invalidBidResponse]: 'Invalid bid response',
  [LOSS.invalidDealId]: 'Invalid deal id',
  [LOSS.invalidAuctionId]: 'Invalid auction id',
  [LOSS.invalidAdvertiserDomain]: 'Invalid advertiser domain',
  [LOSS.missingMarkup]: 'Missing markup',
  [LOSS.missingCreativeId]: 'Missing creative id',
  [LOSS.missingBidPrice]: 'Missing bid price',
  [LOSS.missingApprovalData]: 'Missing data needed to approve the creative',
  [LOSS.belowAuctionFloor]: 'Bid below the auction floor',
  [LOSS.belowDealFloor]: 'Bid below the deal floor',
  [LOSS.lostToHigherBid]: 'Lost to a higher bid',
  [LOSS.lostToDealBid]: 'Lost to a bid for a deal',
  [LOSS.buyerSeatBlocked]: 'Buyer seat blocked',
  [LOSS.creativeFiltered]: 'Creative filtered, reason unknown',
  [LOSS.creativePending]: 'Creative not yet processed by the exchange',
  [LOSS.creativeDisapproved]: 'Creative disapproved by the exchange',
  [LOSS.sizeNotAllowed]: 'Creative size not allowed',
  [LOSS.incorrectCreativeFormat]: 'Incorrect creative format',
  [LOSS.advertiserExcluded]: 'Advertiser excluded',
  [LOSS.appStoreIdExcluded]: 'App store id excluded',
  [LOSS.notSecure]: 'Creative not secure',
  [LOSS.languageExcluded]: 'Creative language excluded',
  [LOSS.categoryExcluded]: 'Creative category excluded',
  [LOSS.creativeAttributeExcluded]: 'Creative attribute excluded',
  [LOSS.adTypeExcluded]: 'Ad type excluded',
  [LOSS.animationTooLong]: 'Animation too long',
  [LOSS.notAllowedInDeal]: 'Creative not allowed in the deal',
  [LOSS.invalidSkAdNetwork]: 'Invalid SKAdNetwork data',
  [LOSS.appBundleExcluded]: 'App bundle excluded',
};

/** Why a bid is not eligible: the code, and one sentence with the numbers in it. */
export interface Refusal {
  loss: LossCode;
  rule: string;
}

export function refuse(loss: LossCode, rule: string): Refusal {
  return { loss, rule };
}

/**
 * `lost`: another price would have won (codes 100 to 103). `invalid`: no price would have; the bid
 * breaks the protocol or a rule of the publisher.
 */
export function statusOf(loss: LossCode): BidFate['status'] {
  if (loss === LOSS.won) return 'won';
  return loss >= LOSS.belowAuctionFloor && loss <= LOSS.lostToDealBid ? 'lost' : 'invalid';
}
