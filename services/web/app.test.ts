import { afterEach, describe, expect, test, vi } from 'vitest';
import { loadDashboard } from '#shared/runtime/dashboard.ts';
import { createWeb } from './app.ts';

const web = createWeb({
  api: () => new Response('{}'),
  dashboard: {
    files: new Map(),
    page: (request) => Promise.resolve(new Response(new URL(request.url).pathname)),
  },
});
const get = (path: string) => web.fetch(new Request(`http://127.0.0.1${path}`));

afterEach(() => void vi.useRealTimers());

describe('a page', () => {
  test('is kept by nobody, and runs only its own scripts', async () => {
    const page = await get('/auctions');
    expect([page.status, await page.text()]).toEqual([200, '/auctions']);
    expect(page.headers.get('cache-control')).toBe('no-store');
    expect(page.headers.get('content-security-policy')).toContain("script-src 'nonce-");
  });

  test('is found by a path with a slash too many, on this host', async () => {
    const paths = [
      ['//auctions?seat=a//b', '/auctions?seat=a//b'],
      ['/auctions//', '/auctions/'],
      ['//evil.example//x', '/evil.example/x'],
      ['/\\evil.example', '/evil.example'],
    ];
    for (const [path, location] of paths) {
      const answer = await get(path!);
      expect([answer.status, answer.headers.get('location')]).toEqual([308, location]);
    }
  });

  test('says that the exchange does not answer rather than waiting for it', async () => {
    const dashboard = await loadDashboard(new URL('../../web/dist/', import.meta.url));
    for (const path of ['/', '/auctions', '/auctions/1kcpn4axr00zzzzzzzzzzzz']) {
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
      const asked = Promise.withResolvers<void>();
      const api = () => {
        asked.resolve();
        return new Promise<Response>(() => {});
      };
      const page = createWeb({ api, dashboard }).fetch(new Request(`http://127.0.0.1${path}`));
      await asked.promise;
      await vi.advanceTimersByTimeAsync(8_000);
      expect(await (await page).text()).toContain('The exchange does not answer');
      vi.useRealTimers();
    }
  });
});
