import { cleanup, render, screen } from '@solidjs/testing-library';
import { afterEach, expect, test } from 'vitest';
import type { AuctionAnswer } from '../lib/answers.ts';
import { AuctionReport } from './auction-report.tsx';

afterEach(cleanup);

const IMP = {
  auction_id: '1m8f7dgs3005b9ndk1vr1a3',
  request_id: 'demo-001',
  imp_id: '1',
  win_status: 'no_bid',
  bids: 0,
  eligible: 0,
  currency: 'USD',
  floor: 0.5,
  closed_by: 'all_answered',
  answer_ms: 2,
  trace_id: 't',
};
const bare = (reason: AuctionAnswer['details_absent']) => ({
  auction_id: IMP.auction_id,
  status: 'closed',
  time: '2026-11-27T19:23:49.411Z',
  imps: [IMP],
  outcome: null,
  details: null,
  details_absent: reason,
  events: [],
} as unknown as AuctionAnswer);

const TITLES = [
  ['awaited', 'On their way'],
  ['unavailable', 'Not available just now'],
  ['not_sampled', 'Not in the sample'],
  ['expired', 'No longer kept'],
  ['lost', 'Lost on their way'],
] as const;

test.each(TITLES)('an auction whose details are %s says so: %s', (reason, title) => {
  const { container } = render(() => <AuctionReport auction={bare(reason)} />);
  expect(screen.getByRole('region', { name: 'Bids and profile' }).textContent).toContain(title);
  expect(container.querySelector('table.bids')).toBeNull();
});

test('a test auction is marked as one, and says that it is not billed', () => {
  const auction = bare('not_sampled');
  render(() => <AuctionReport auction={auction} />);
  expect(screen.queryByText('Test')).toBeNull();
  cleanup();
  const imps = [{ ...auction.imps[0]!, test: true }];
  const { container } = render(() => <AuctionReport auction={{ ...auction, imps }} />);
  expect(screen.getByText('Test').className).toBe('badge');
  expect(container.querySelector('.verdict')!.textContent).toContain('nothing is billed');
});

test('the facts name the request, and no rule of price that is not known', () => {
  render(() => <AuctionReport auction={bare('lost')} />);
  const facts = screen.getByRole('region', { name: 'Facts' }).textContent;
  expect(facts).toContain('Request iddemo-001');
  expect(facts).toContain('Rule of price–');
  // Answered it is later, when the ledger has it: the steps below say when.
  expect(facts).toContain('Closed after2 ms');
});
