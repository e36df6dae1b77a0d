/**
 * `npm run screenshots`: every page in both themes, wide and on a phone, of an exchange of its own
 * with sample traffic. The README's pictures are made by it.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import type { Browser, Page } from 'playwright-core';
import { openBrowser } from '../tests/browser/open-browser.ts';
import { removeDataDir, startExchange } from '../tests/exchange-process.ts';
import { number, parseFlags, text } from './flags.ts';

const { values: flags } = parseFlags({
  to: text('the folder they go to', 'docs/pictures'),
  seconds: number('of sample traffic before the first one', 1, 120, 45),
}, {
  command: 'npm run screenshots --',
  about: 'Takes a picture of every page, light and dark, at 1280x720 and on a phone.',
});

const SIZES = {
  wide: { width: 1280, height: 720 },
  phone: { width: 390, height: 844 },
};
const THEMES = ['light', 'dark'] as const;
/** Charts are drawn, fonts are there, the first figures have come. */
const SETTLE_MS = 2_500;

const browser = await openBrowser();
if (typeof browser === 'string') {
  console.error(browser);
  process.exit(1);
}
const exchange = await startExchange();
try {
  await mkdir(flags.to, { recursive: true });
  await shoot(browser, 'first-steps', '/');
  await sampleTraffic(true);
  await new Promise((resolve) => setTimeout(resolve, flags.seconds * 1_000));
  await shoot(browser, 'live', '/');
  await shoot(browser, 'auctions', '/auctions');
  await shoot(browser, 'auction', `/auctions/${await tellingAuction()}`);
  await sampleTraffic(false);
} finally {
  await browser.close();
  await exchange.stop();
  await removeDataDir(exchange.dataDir);
}

async function shoot(browser: Browser, name: string, path: string): Promise<void> {
  for (const [size, viewport] of Object.entries(SIZES)) {
    for (const colorScheme of THEMES) {
      const page: Page = await browser.newPage({ viewport, colorScheme, locale: 'en-US' });
      await page.goto(exchange.url + path);
      await page.waitForTimeout(SETTLE_MS);
      const file = join(flags.to, `${name}-${size}-${colorScheme}.png`);
      await page.screenshot({ path: file });
      await page.close();
      console.log(file);
    }
  }
}

async function sampleTraffic(running: boolean): Promise<void> {
  await fetch(`${exchange.url}/api/sample-traffic`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ running }),
  });
}

/** One that was sold, with several bids. */
async function tellingAuction(): Promise<string> {
  const answer = await fetch(`${exchange.url}/api/outcomes/?win_status=won&limit=100`);
  const { results } = await answer.json() as { results: { auction_id: string; bids: number }[] };
  return results.toSorted((a, b) => b.bids - a.bids)[0]!.auction_id;
}
