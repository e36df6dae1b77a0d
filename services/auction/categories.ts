/** Categories of a bid against the publisher's `bcat` and `acat`. */
import type { BidRequest } from '#shared/model/openrtb.ts';
import { lookOnce } from './long-lists.ts';
import { LOSS, type Refusal, refuse } from './loss-reasons.ts';
import { quoted } from './wording.ts';

/**
 * A listed category stands for itself and its children: `IAB1` for `IAB1-2`. One blocked category
 * refuses the bid; under `acat` all of them have to be allowed.
 *
 * Many bidders send no categories: such a bid passes `bcat`, which would otherwise shut them out,
 * but not `acat`, which asks for proof. Bid and request are taken to use the same taxonomy.
 */
export function categoryRefusal(
  categories: readonly string[],
  { bcat, acat }: BidRequest,
): Refusal | undefined {
  if (bcat !== undefined && bcat.length > 0) {
    for (const category of categories) {
      const blocked = lookOnce(bcat, category, parentOf);
      if (blocked === undefined) continue;
      const rule = `Category ${quoted(category)} is blocked by bcat ${quoted(blocked)}`;
      return refuse(LOSS.categoryExcluded, rule);
    }
  }
  if (acat !== undefined && acat.length > 0) {
    if (categories.length === 0) {
      return refuse(LOSS.missingApprovalData, 'Bid names no category to check by acat');
    }
    for (const category of categories) {
      if (lookOnce(acat, category, parentOf) !== undefined) continue;
      const rule = `Category ${quoted(category)} is not among those of acat`;
      return refuse(LOSS.categoryExcluded, rule);
    }
  }
  return undefined;
}

/** The first of the listed that is the category or above it. */
function parentOf(listed: readonly string[], category: string): string | undefined {
  return listed.find((parent) => within(category, parent));
}

/** In any case of letters, as `iab1` must not get past a list that says `IAB1`. */
function within(category: string, parent: string): boolean {
  if (parent.length === 0 || category.length < parent.length) return false;
  if (category.length > parent.length && category[parent.length] !== '-') return false;
  return category.startsWith(parent) ||
    category.slice(0, parent.length).toLowerCase() === parent.toLowerCase();
}
