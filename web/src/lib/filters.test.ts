import { expect, test } from 'vitest';
import { filterQuery, filtersSet, pageQuery } from './filters.ts';

const NOW = Date.UTC(2026, 10, 23, 12);

test('a named range counts back from now, a given time goes before it', () => {
  expect(filterQuery({ range: '1h' }, NOW).get('since')).toBe('2026-11-23T11:00:00.000Z');
  const given = { range: '1h', since: '2026-11-01T00:00:00Z' };
  expect(filterQuery(given, NOW).get('since')).toBe(given.since);
});

test('what the URL holds beside filters does not reach the API', () => {
  const search = { seat: ' atlas ', q: 'x', min_price: '', request_id: 'demo-001' } as Record<
    string,
    string
  >;
  expect(filterQuery(search, NOW).toString()).toBe('request_id=demo-001&seat=atlas');
});

test('the usual order needs no words; another is named whole', () => {
  const words = (...args: Parameters<typeof pageQuery>): string => {
    const query = pageQuery(...args);
    query.delete('fields');
    return query.toString();
  };
  expect(words({}, NOW, { limit: 100 })).toBe('limit=100');
  expect(words({ sort: 'price' }, NOW, { limit: 100, cursor: 'c' }))
    .toBe('sort=price&order=desc&limit=100&cursor=c');
  expect(words({ sort: 'nonsense' }, NOW, { limit: 1 })).toBe('limit=1');
});

test('a page asks for what its rows show, and no more', () => {
  expect(pageQuery({}, NOW, { limit: 1 }).get('fields')).toBe(
    'auction_id,time,imp_id,site_domain,user_id,test,win_status,seat,campaign,floor,bid_price,price,' +
      'currency,bids,answer_ms',
  );
});

test('filters are counted, order is none', () => {
  expect(filtersSet({ seat: 'atlas', sort: 'price', range: '1h' })).toBe(2);
});
