/** Whether a campaign may run for a request at all: where it wants to be, and where it is wanted. */
import type { BidRequest } from '#shared/model/openrtb.ts';
import type { IndexedCampaign } from './campaign-index.ts';

/** What targeting needs of a request, read once per request. */
export interface Surroundings {
  /** ISO-3166-1 alpha-3 of the device, else of the user; empty when unknown. */
  readonly country: string;
  /** Site domain, app bundle or screen domain, lower case; empty when unknown. */
  readonly inventory: string;
  readonly badv: readonly string[];
  readonly bcat: readonly string[];
  readonly acat: readonly string[];
}

const NONE: readonly string[] = [];

export function surroundingsOf(request: BidRequest): Surroundings {
  const place = request.site?.domain ?? request.app?.bundle ?? request.dooh?.domain ?? '';
  return {
    country: request.device?.geo?.country ?? request.user?.geo?.country ?? '',
    inventory: place.toLowerCase(),
    badv: request.badv ?? NONE,
    bcat: request.bcat ?? NONE,
    acat: request.acat ?? NONE,
  };
}

/** A campaign that targets places does not run where the place is unknown. */
export function targets(campaign: IndexedCampaign, around: Surroundings): boolean {
  if (campaign.countries !== undefined && !campaign.countries.has(around.country)) return false;
  if (campaign.inventory !== undefined && !campaign.inventory.has(around.inventory)) return false;
  if (around.badv.length > 0 && isNamed(campaign.domainLineages, around.badv)) return false;
  if (around.bcat.length > 0) {
    for (const lineage of campaign.catLineages) if (isNamed(lineage, around.bcat)) return false;
  }
  if (around.acat.length > 0) {
    // Who does not say what an ad is about cannot show that it is allowed.
    if (campaign.catLineages.length === 0) return false;
    for (const lineage of campaign.catLineages) if (!isNamed(lineage, around.acat)) return false;
  }
  return true;
}

/** Categories may come in any case; the common spelling is met here, the rest by the auction's check. */
function isNamed(names: readonly string[], list: readonly string[]): boolean {
  for (const name of names) if (list.includes(name)) return true;
  return false;
}
