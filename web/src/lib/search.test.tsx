import { createMemoryHistory, MemoryRouter, Route } from '@solidjs/router';
import { cleanup, render } from '@solidjs/testing-library';
import { afterEach, expect, test } from 'vitest';
import { useSearch } from './search.ts';

afterEach(cleanup);

test('useSearch() takes the first of a parameter that is given twice, and changes it whole', async () => {
  const history = createMemoryHistory();
  history.set({ value: '/auctions?seat=atlas&seat=larkspur&user_id=user-001' });
  let setSeat: (seat: string) => void = () => {};
  const Page = () => {
    const [search, setSearch] = useSearch<'seat' | 'user_id' | 'campaign'>();
    setSeat = (seat) => setSearch({ seat });
    return (
      <p>
        {[search.seat?.trim(), search.user_id, search.campaign, ...Object.keys(search)].join(' ')}
      </p>
    );
  };
  const { findByText } = render(() => (
    <MemoryRouter history={history}>
      <Route path='*' component={Page} />
    </MemoryRouter>
  ));
  await findByText('atlas user-001 seat user_id', {
    normalizer: (text) => text.replace(/ +/g, ' '),
  });
  setSeat('meridian');
  await findByText(/^meridian user-001/);
  expect(history.get()).toBe('/auctions?seat=meridian&user_id=user-001');
});
