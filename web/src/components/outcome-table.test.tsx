import { createMemoryHistory, MemoryRouter, Route } from '@solidjs/router';
import { cleanup, fireEvent, render } from '@solidjs/testing-library';
import { createSignal } from 'solid-js';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { ListedOutcome, OutcomesAnswer } from '../lib/answers.ts';
import { OutcomeTable } from './outcome-table.tsx';

// Only rows in sight are drawn, and nothing has a size without a browser.
beforeEach(() => void vi.spyOn(HTMLElement.prototype, 'clientHeight', 'get').mockReturnValue(680));
afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
});

const ROW: ListedOutcome = {
  auction_id: '1m8f7dgs3005b9ndk1vr1a3',
  time: '2026-11-27T19:23:49.411Z',
  imp_id: '1',
  site_domain: 'com.example.a-name-longer-than-its-column',
  user_id: null,
  test: false,
  win_status: 'won',
  seat: 'acme',
  campaign: 'spring',
  floor: 0.00049,
  bid_price: 1.507,
  price: 1.2345,
  currency: 'USD',
  bids: 1,
  answer_ms: 2,
};

interface Shown {
  first: () => OutcomesAnswer;
  loading?: () => boolean;
  more?: (cursor: string) => Promise<OutcomesAnswer>;
  history?: ReturnType<typeof createMemoryHistory>;
}

/** The element the table is drawn in. */
function show(shown: Shown): HTMLElement {
  const Table = () => (
    <OutcomeTable
      first={shown.first()}
      loading={shown.loading?.() ?? false}
      more={shown.more ?? (() => Promise.resolve(shown.first()))}
      sort='time'
      order='desc'
      onSort={() => {}}
    />
  );
  return render(() => (
    <MemoryRouter history={shown.history ?? createMemoryHistory()}>
      <Route path='*' component={Table} />
    </MemoryRouter>
  )).container;
}

/** The cells of the rows as a person reads them, and what they say when pointed at. */
async function cellsOf(
  rows: ListedOutcome[],
): Promise<{ text: string; title: string | null }[][]> {
  const container = show({ first: () => ({ total: rows.length, results: rows, next: null }) });
  const drawn = () => [...container.querySelectorAll('tr[data-auction]')];
  await vi.waitFor(() => expect(drawn()).toHaveLength(rows.length));
  return drawn().map((row) =>
    [...row.children].map((cell) => ({
      text: cell.textContent!,
      title: cell.getAttribute('title'),
    }))
  );
}

test('a row tells amounts as they are, and names that are cut in full', async () => {
  const [cells] = await cellsOf([ROW]);
  expect(cells!.slice(1).map(({ text }) => text)).toEqual([
    ROW.site_domain,
    '–',
    'Won',
    'acme',
    'spring',
    '0.00049',
    '1.507',
    '1.2345',
    '1',
    '2',
  ]);
  expect(cells!.map(({ title }) => title).filter(Boolean)).toEqual([
    ROW.site_domain,
    'acme',
    'spring',
  ]);
});

test('a row of a test auction, which brings no revenue, is marked', async () => {
  const [tested] = await cellsOf([{ ...ROW, test: true }]);
  expect(tested![3]!.text).toBe('Won Test');
});

test('a click on a row leads to its auction, not one that asks for another tab nor the end of marking', async () => {
  const history = createMemoryHistory();
  const container = show({ first: () => ({ total: 1, results: [ROW], next: null }), history });
  await vi.waitFor(() => expect(container.querySelector('td[title=acme]')).not.toBeNull());
  const seat = container.querySelector('td[title=acme]')!;
  fireEvent.click(container.querySelector('td a')!, { ctrlKey: true });
  getSelection()!.selectAllChildren(seat);
  fireEvent.click(seat);
  await new Promise((done) => setTimeout(done));
  expect(history.get()).toBe('/');
  getSelection()!.removeAllRanges();
  fireEvent.click(seat);
  await vi.waitFor(() => expect(history.get()).toBe(`/auctions/${ROW.auction_id}`));
});

test('a list goes on although a page of the one before it is still on its way, and fails', async () => {
  const [first, setFirst] = createSignal<OutcomesAnswer>({ total: 9, results: [ROW], next: 'old' });
  const [loading, setLoading] = createSignal(true);
  const asked: string[] = [];
  let failOld = (_: Error): void => {};
  const more = (cursor: string): Promise<OutcomesAnswer> => {
    asked.push(cursor);
    return new Promise((resolve, reject) => {
      if (cursor === 'old') failOld = reject;
      else resolve({ total: 9, results: [{ ...ROW, seat: 'second' }], next: null });
    });
  };
  const container = show({ first, loading, more });
  await vi.waitFor(() => expect(container.querySelector('td[title=acme]')).not.toBeNull());
  // The question has changed already, and knows nothing of the cursors of this list.
  expect(asked).toEqual([]);
  setLoading(false);
  await vi.waitFor(() => expect(asked).toEqual(['old']));
  setFirst({ total: 9, results: [ROW], next: 'new' });
  await vi.waitFor(() => expect(container.querySelector('td[title=second]')).not.toBeNull());
  failOld(new Error('refused'));
  await new Promise((done) => setTimeout(done));
  expect(asked).toEqual(['old', 'new']);
  expect(container.textContent).not.toContain('refused');
});
