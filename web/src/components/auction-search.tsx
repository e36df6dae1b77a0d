import type { Search } from '../lib/filters.ts';
import { auctionNamed } from '../lib/find-auction.ts';

interface AuctionSearchProps {
  search: Search;
  onChange(change: Search): void;
  /** The text is the id of an auction. */
  onAuction(id: string): void;
}

/** One field for both names of an auction: its own id, and that of the publisher's request. */
export function AuctionSearch(props: AuctionSearchProps) {
  const find = async (field: HTMLInputElement): Promise<void> => {
    const text = field.value.trim();
    const auction = await auctionNamed(text);
    // Meanwhile something else may have been looked for.
    if (field.value.trim() !== text) return;
    if (auction) props.onAuction(auction);
    else props.onChange({ request_id: text || undefined });
  };
  return (
    <input
      class='search'
      type='search'
      name='request_id'
      placeholder='Auction or request id'
      aria-label='Auction or request id'
      autocomplete='off'
      spellcheck={false}
      value={props.search.request_id ?? ''}
      onInput={({ currentTarget }) => {
        if (currentTarget.value === '') void find(currentTarget);
      }}
      onChange={({ currentTarget }) => void find(currentTarget)}
    />
  );
}
