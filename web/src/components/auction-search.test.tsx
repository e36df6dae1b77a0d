import { cleanup, fireEvent, render, screen } from '@solidjs/testing-library';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Search } from '../lib/filters.ts';
import { AuctionFilters, FilterActions } from './auction-filters.tsx';
import { AuctionSearch } from './auction-search.tsx';

const KNOWN = '1kcpn4axr00abcdefgh0000';
const UNKNOWN = '1kcpn4axr00zzzzzzzzzzzz';
let asked: string[] = [];
let status = 200;

beforeEach(() => {
  vi.stubGlobal('fetch', ({ pathname: path }: URL) => {
    if (path.startsWith('/api/auctions/')) asked.push(path);
    const answer = path.endsWith(UNKNOWN) ? 404 : status;
    return Promise.resolve(Response.json({ error: 'Told why' }, { status: answer }));
  });
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
  asked = [];
  status = 200;
});

/** Looks for a text; resolves to what was told. */
async function find(text: string, search: Search = {}): Promise<unknown> {
  const told = Promise.withResolvers<unknown>();
  render(() => (
    <AuctionSearch
      search={search}
      onChange={(change) => told.resolve(change)}
      onAuction={(id) => told.resolve(`/auctions/${id}`)}
    />
  ));
  const field = screen.getByLabelText('Auction or request id') as HTMLInputElement;
  fireEvent.change(field, { target: { value: text } });
  return await told.promise;
}

test('the id of an auction leads to its page', async () => {
  expect(await find(` ${KNOWN} `)).toBe(`/auctions/${KNOWN}`);
  expect(asked).toEqual([`/api/auctions/${KNOWN}`]);
});

test('any other text is the id of a request, also one that looks like an auction', async () => {
  expect(await find('demo-001')).toEqual({ request_id: 'demo-001' });
  expect(asked).toEqual([]);
  cleanup();
  expect(await find(UNKNOWN)).toEqual({ request_id: UNKNOWN });
});

test('while the exchange cannot tell, the page of the auction says so', async () => {
  status = 503;
  expect(await find(KNOWN)).toBe(`/auctions/${KNOWN}`);
});

test('a request that is looked for is seen, counted, and taken away by emptying the field', async () => {
  const search = { request_id: 'demo-001' };
  expect(await find('', search)).toEqual({ request_id: undefined });
  cleanup();
  render(() => <AuctionSearch search={search} onChange={() => {}} onAuction={() => {}} />);
  expect(screen.getByLabelText('Auction or request id')).toHaveProperty('value', 'demo-001');
  let cleared: Search | undefined;
  render(() => <FilterActions search={search} onChange={(change) => cleared = change} />);
  screen.getByRole('button', { name: 'Clear 1' }).click();
  expect(cleared).toEqual({ request_id: undefined });
});

test('a span out of a link is none of the ranges, and a range takes its place', () => {
  let change: Search | undefined;
  const pressed = () =>
    screen.queryAllByRole('button', { pressed: true })
      .map(({ textContent }) => textContent);
  const show = (search: Search) =>
    render(() => <FilterActions search={search} onChange={(next) => change = next} />);
  show({ since: '2026-11-20', until: '2026-11-21' });
  expect(pressed()).toEqual([]);
  screen.getByRole('button', { name: '1 hour' }).click();
  expect(change).toEqual({ range: '1h', since: undefined, until: undefined });
  cleanup();
  show({ range: '1h' });
  expect(pressed()).toEqual(['1 hour']);
  cleanup();
  show({});
  expect(pressed()).toEqual(['All time']);
});

test('a price may be typed with the comma that prices are shown with', () => {
  document.documentElement.dataset['locale'] = 'de-DE';
  let change: Search | undefined;
  render(() => <AuctionFilters search={{}} onChange={(next) => change = next} />);
  fireEvent.change(screen.getByLabelText('Lowest price, CPM'), { target: { value: ' 1,62 ' } });
  delete document.documentElement.dataset['locale'];
  expect(change).toEqual({ min_price: '1.62' });
});
