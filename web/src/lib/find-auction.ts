/** What the search field leads to: people know an auction by its id here, or by the id of their request. */
import { parseAuctionId } from '#shared/model/auction-id.ts';
import { asked } from './api.ts';

/**
 * Resolves to the auction whose id the text is, if there is one: any other text is the id of a request.
 * What the exchange does not know just now is taken for an auction, whose page says so.
 */
export async function auctionNamed(text: string): Promise<string | undefined> {
  if (!parseAuctionId(text)) return undefined;
  const { problem } = await asked(`/api/auctions/${text}`);
  return problem?.status === 404 ? undefined : text;
}
