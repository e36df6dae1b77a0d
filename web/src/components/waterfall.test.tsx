import { cleanup, render, screen } from '@solidjs/testing-library';
import { afterEach, expect, test, vi } from 'vitest';
import type { AuctionAnswer } from '../lib/answers.ts';
import { Waterfall } from './waterfall.tsx';

afterEach(cleanup);

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const AUCTION = {
  imps: [{ answer_ms: 8, closed_by: 'all_answered', trace_id: TRACE }],
  details: {
    groups: [{
      group: 'house',
      startMs: 2,
      tookMs: 4,
      lookupMs: 1.5,
      seats: [{ seat: 'acme', bids: [], noBids: [] }],
    }],
    missing: ['partners'],
    times: { published: 0, opened: 1, closed: 8, stored: 10, deadline: 100 },
  },
} as unknown as AuctionAnswer;

test('each step is a row that says when it began and how long it took', () => {
  render(() => <Waterfall auction={AUCTION} />);
  const rows = screen.getAllByRole('row').slice(1).map((row) =>
    [...row.querySelectorAll('th, td.n')].map((cell) => cell.textContent)
  );
  expect(rows).toEqual([
    ['Whole auction', '0', '10'],
    ['Request read', '0', '< 1'],
    ['houseacme', '2', '4'],
    ['Profile look-up', '2', '1.5'],
    ['partnersno answer in time', '0', '8'],
    ['Auction open', '1', '7'],
    ['Into the ledger', '8', '2'],
  ]);
  expect(screen.getByText('deadline after 100 ms')).toBeTruthy();
});

test('its bar begins and ends there on one scale, for those who see', () => {
  const { container } = render(() => <Waterfall auction={AUCTION} />);
  const bar = container.querySelector('[data-kind=group] rect')!;
  expect([bar.getAttribute('x'), bar.getAttribute('width')]).toEqual(['20', '40']);
  const last = container.querySelector('[data-kind=ledger] rect')!;
  expect([last.getAttribute('x'), last.getAttribute('width')]).toEqual(['80', '20']);
  expect(container.querySelectorAll('.waterfall svg').length).toBe(7);
  expect(container.querySelectorAll('.waterfall [aria-hidden] svg').length).toBe(7);
});

test('the trace id can be copied', async () => {
  const writeText = vi.fn((_text: string) => Promise.resolve());
  vi.stubGlobal('navigator', { clipboard: { writeText } });
  render(() => <Waterfall auction={AUCTION} />);
  expect(screen.getByText(TRACE)).toBeTruthy();
  screen.getByRole('button', { name: 'Copy trace id' }).click();
  await vi.waitFor(() => expect(screen.getByText('Copied')).toBeTruthy());
  expect(writeText.mock.calls).toEqual([[TRACE]]);
  vi.unstubAllGlobals();
});

test('an auction of an earlier version says that its beginnings are not known', () => {
  const details = { ...AUCTION.details, times: undefined, missing: [], groups: [] };
  const groups = [{ group: 'house', tookMs: 4, seats: [] }];
  const old = { ...AUCTION, details: { ...details, groups } } as unknown as AuctionAnswer;
  render(() => <Waterfall auction={old} />);
  expect(screen.getByText(/When its steps began is not known/)).toBeTruthy();
  expect(screen.getByRole('row', { name: /house/ }).textContent).toContain('–');
});
