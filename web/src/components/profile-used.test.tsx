import { cleanup, render } from '@solidjs/testing-library';
import { afterEach, expect, test } from 'vitest';
import { ProfileUsed } from './profile-used.tsx';

afterEach(cleanup);

const said = (groups: Parameters<typeof ProfileUsed>[0]['groups']) =>
  render(() => <ProfileUsed profile={undefined} groups={groups} />).container.textContent;

test('ProfileUsed says why bids were made without a profile', () => {
  expect(said([{}, { unenrichedReason: 'timeout' }])).toBe(
    'NoneThe profile did not come in time. Bids were made without one.',
  );
});

test('ProfileUsed says nothing of the user where no bidder answered', () => {
  expect(said([])).toBe('NoneNo bidder answered.');
});
