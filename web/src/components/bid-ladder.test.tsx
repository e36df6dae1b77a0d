import { cleanup, render, screen } from '@solidjs/testing-library';
import { createSignal } from 'solid-js';
import { afterEach, expect, test } from 'vitest';
import type { AuctionAnswer, OutcomeAnswer } from '../lib/answers.ts';
import { BidLadder } from './bid-ladder.tsx';
import { BarList } from './bar-list.tsx';
import { Failure, NoChart } from './states.tsx';
import { sparkLine } from './tile.tsx';

afterEach(cleanup);

const IMP = {
  imp_id: '1',
  media_type: 'banner',
  bids: 2,
  eligible: 1,
  currency: 'USD',
  floor: 0.5,
  bid_price: 2,
  price: 0.5,
  seat: 'acme',
} as OutcomeAnswer;
const AUCTION = {
  outcome: { at: 2 },
  details: {
    request: { imp: [{ id: '1' }] },
    rules: { incrementMicros: 10_000, defaultFloorMicros: 0 },
    groups: [],
    fates: [
      {
        impid: '1',
        seat: 'acme',
        cid: 'c1',
        priceMicros: 2_000_000,
        status: 'won',
        rule: 'Won alone',
      },
      {
        impid: '1',
        seat: 'blocked',
        cid: 'c2',
        priceMicros: 9_000_000,
        status: 'invalid',
        rule: 'Its advertiser is blocked',
      },
    ],
  },
} as unknown as AuctionAnswer;

test('each bid stands with its fate and its rule, and the price with its sum', () => {
  const { container } = render(() => <BidLadder imp={IMP} auction={AUCTION} />);
  expect([...container.querySelectorAll('tr[data-fate]')].map((row) => row.textContent)).toEqual([
    'acmec12.000WonWon alone',
    'blockedc29.000RefusedIts advertiser is blocked',
  ]);
  expect(container.querySelector('[data-clearing]')!.textContent).toContain('0.500 CPM');
  expect(container.textContent).toContain('banner · 2 bids, 1 eligible');
  expect(screen.getByRole('img').getAttribute('aria-label')).toBe(
    'Floor 0.500, bids acme 2.000, blocked 9.000, pays 0.500',
  );
});

test('without bids there is no empty table, but what the ledger knows, or that nobody answered', () => {
  const won = { ...IMP, win_status: 'won', campaign: 'c1' } as const;
  const lost = { ...AUCTION, details: null } as AuctionAnswer;
  const { container } = render(() => <BidLadder imp={won} auction={lost} />);
  expect(container.querySelector('table')).toBeNull();
  expect([...container.querySelectorAll('dl > div')].map((fact) => fact.textContent)).toEqual([
    'Floor0.500',
    'Winneracme, c1',
    'Its bid2.000',
    'Pays0.500',
  ]);
  cleanup();
  const silent = { ...AUCTION, details: { ...AUCTION.details, fates: [] } } as AuctionAnswer;
  render(() => <BidLadder imp={{ ...IMP, price: null }} auction={silent} />);
  expect(screen.getByText('No seat has answered for this impression.')).toBeTruthy();
});

test('a single bid is one, and an amount off the grid is told as it is', () => {
  const imp = { ...IMP, bids: 1, floor: 0.00049, price: 0.00049 };
  const { container } = render(() => <BidLadder imp={imp} auction={AUCTION} />);
  expect(container.textContent).toContain('1 bid, 1 eligible');
  expect(container.textContent).toContain('pays 0.00049');
  expect(container.textContent).toContain('floor 0.00049');
});

test('an empty list of bars says so', () => {
  render(() => <BarList bars={[]} empty='Seats that win appear here.' />);
  expect(screen.getByText('Seats that win appear here.')).toBeTruthy();
});

test('a link of a list of bars keeps the focus while its figure changes', () => {
  const bar = (name: string, figure: string) => ({ name, figure, share: 0.5, href: `/${name}` });
  const [bars, setBars] = createSignal([bar('atlas', '$1'), bar('meridian', '$2')]);
  render(() => <BarList bars={bars()} empty='' />);
  const link = screen.getByRole('link', { name: 'atlas' });
  link.focus();
  setBars([bar('atlas', '$3'), bar('larkspur', '$2')]);
  expect(document.activeElement).toBe(link);
  expect([...document.querySelectorAll('li')].map((line) => line.textContent)).toEqual([
    'atlas$3',
    'larkspur$2',
  ]);
  expect(link.title).toBe('atlas');
});

test('a failure names its reason and can be tried again', () => {
  let tried = 0;
  render(() => <Failure error={new Error('the warehouse is away')} retry={() => tried++} />);
  expect(screen.getByRole('alert').textContent).toContain('the warehouse is away');
  screen.getByRole('button').click();
  expect(tried).toBe(1);
});

test('a page whose code did not come is not told in the words of a browser', () => {
  for (
    const words of [
      'Failed to fetch dynamically imported module: http://x/_build/index.js',
      'error loading dynamically imported module: http://x/_build/index.js',
      'Importing a module script failed.',
    ]
  ) {
    render(() => <Failure error={new TypeError(words)} />);
    expect(screen.getByRole('alert').textContent).toMatch(
      /^The exchange does not answerThis page could not be fetched.*Try again$/,
    );
    cleanup();
  }
});

test('what is refused is told in the words of the exchange, and is not worth another try', () => {
  const refused = { status: 400, message: 'win_status: allowed is won or no_bid' };
  render(() => <NoChart loading={false} problem={refused} />);
  expect(screen.getByText(refused.message)).toBeTruthy();
  cleanup();
  render(() => <Failure error={refused} retry={() => {}} />);
  expect(screen.getByRole('alert').textContent).toContain(refused.message);
  expect(screen.queryByRole('button')).toBeNull();
  cleanup();
  render(() => <Failure error={{ status: 0, message: 'no way' }} retry={() => {}} />);
  expect(screen.getByRole('alert').textContent).toContain('The exchange does not answer');
});

test('sparkLine() draws from zero, and nothing for less than two points', () => {
  expect(sparkLine([1])).toBe('');
  expect(sparkLine([0, 5, null])).toBe('M0.0 28.0L50.0 4.0L100.0 28.0');
});
