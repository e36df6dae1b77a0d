/**
 * The dashboard as a stranger meets it, in Chromium, on the runtime that runs the tests: an empty
 * exchange, sample traffic, real bids, the list, and an auction that explains itself.
 */
import { readFileSync } from 'node:fs';
import { get } from 'node:http';
import { createRequire } from 'node:module';
import process from 'node:process';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type ExchangeProcess, removeDataDir, startExchange } from '../exchange-process.ts';
import { openBrowser } from './open-browser.ts';

const found = await openBrowser();
const browser = typeof found === 'string' ? undefined : found;
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
/** Bids and pages of a busy machine take their time; what is shown is what counts. */
const PATIENCE = { timeout: 30_000 };

test('a Chromium can be had', () => {
  if (process.env['CI']) expect(found).not.toBeTypeOf('string');
  else if (typeof found === 'string') console.log(`The browser test is left out. ${found}`);
});

describe.skipIf(!browser)('the dashboard', () => {
  let exchange: ExchangeProcess;
  let context: BrowserContext;
  let page: Page;
  const complaints: string[] = [];

  beforeAll(async () => {
    exchange = await startExchange();
    context = await newContext(browser!);
    page = await newPage(context, complaints);
  });
  afterAll(async () => {
    await browser?.close();
    await exchange?.stop();
    if (exchange) await removeDataDir(exchange.dataDir);
  });
  afterEach(() => expect(complaints.splice(0), 'the console').toEqual([]));

  test('an empty exchange says how to send the first bid', async () => {
    await page.goto(`${exchange.url}/auctions`);
    await page.getByText('No auction yet').waitFor(PATIENCE);
    await page.goto(`${exchange.url}/auctions?seat=atlas`);
    await page.getByText('No outcome fits').waitFor(PATIENCE);
    await page.goto(exchange.url);
    const steps = page.getByRole('region', { name: 'First steps' });
    expect(await steps.locator('pre').textContent()).toContain(`curl -s ${exchange.url}/bid`);
    await steps.getByRole('button', { name: 'Copy' }).click();
    await steps.getByText('Copied').waitFor(PATIENCE);
    expect(await page.evaluate('navigator.clipboard.readText()')).toContain('user-001');
  });

  test('a bid by curl appears without a reload', async () => {
    const id = await bid(exchange.url, 'first.example');
    await page.locator(`tr[data-auction="${id}"]`).waitFor(PATIENCE);
    await expect.poll(() => tile(page, 'auctions'), PATIENCE).not.toBe('0');
    expect(await page.locator(`tr[data-auction="${id}"]`).textContent()).toContain('first.example');
  });

  test("a page's words are English, whatever language its figures are in", async () => {
    const headers = { 'accept-language': 'de-DE,en;q=0.5' };
    const html = await (await fetch(`${exchange.url}/auctions`, { headers })).text();
    expect(html).toContain('<html lang="en" data-locale="de-DE"');
  });

  test('axe finds nothing on any page, in either theme', async () => {
    const id = await bid(exchange.url, 'axe.example');
    const own = await newContext(browser!);
    const tab = await newPage(own, complaints);
    for (const path of ['/', '/auctions', `/auctions/${id}`, '/nothing-here']) {
      await tab.goto(exchange.url + path);
      await tab.locator('h1').waitFor({ state: 'attached' });
      // By evaluation: the page's policy lets no foreign script in, which is as it should be.
      await tab.evaluate(AXE);
      for (const theme of ['light', 'dark']) {
        await tab.evaluate(`document.documentElement.dataset.theme = '${theme}'`);
        const found = await tab.evaluate('axe.run()') as Axe;
        const told = found.violations.map(({ id, nodes }) =>
          `${path} ${theme} ${id}: ${nodes[0]?.html}`
        );
        expect(told).toEqual([]);
      }
    }
    // The one complaint that belongs to the visit of a page that is not there.
    complaints.splice(0, complaints.length, ...complaints.filter((text) => !text.includes('404')));
    await own.close();
  });

  test('who uses the keyboard can skip what stands on every page', async () => {
    const own = await newContext(browser!);
    const tab = await newPage(own, complaints);
    await tab.goto(`${exchange.url}/auctions`);
    await tab.keyboard.press('Tab');
    await tab.keyboard.press('Enter');
    await expect.poll(() => tab.evaluate('document.activeElement.id'), PATIENCE).toBe('main');
    expect(tab.url()).toBe(`${exchange.url}/auctions#main`);
    await own.close();
  });

  test('sample traffic starts and stops from the page; tiles and charts move', async () => {
    const charts = ['Auctions per second', 'Prices of bids', 'Revenue and win rate'];
    const summary = (name: string) =>
      page.locator(`figure[aria-label^="${name}"]`).getAttribute('aria-label');
    const before = await Promise.all(charts.map(summary));
    await page.getByRole('button', { name: 'Sample traffic' }).first().click();
    const rows = page.locator('tr[data-auction]');
    await expect.poll(() => rows.count(), PATIENCE).toBeGreaterThan(12);
    for (const name of ['fill', 'revenue', 'price', 'p50', 'p99']) {
      await expect.poll(() => tile(page, name), PATIENCE).not.toBe('–');
    }
    for (const [index, name] of charts.entries()) {
      await expect.poll(() => summary(name), PATIENCE).not.toBe(before[index]);
    }
    expect(await page.locator('.chart canvas').count()).toBe(3);
    await page.getByRole('button', { name: 'Stop sample traffic' }).click();
    await page.getByRole('button', { name: 'Sample traffic', exact: true }).waitFor(PATIENCE);
  });

  test('the stream can be narrowed and held, and the URL keeps it', async () => {
    await page.getByLabel('Only auctions that hold this text').fill('first.example');
    await expect.poll(() => page.locator('tr[data-auction]').count(), PATIENCE).toBe(1);
    expect(page.url()).toContain('q=first.example');
    await page.getByLabel('Only auctions that hold this text').fill('');
    await page.getByRole('button', { name: 'Pause' }).click();
    const held = await page.locator('tr[data-auction]').count();
    const id = await bid(exchange.url, 'while-held.example');
    await page.getByText(/paused, [1-9]/).waitFor(PATIENCE);
    expect(await page.locator('tr[data-auction]').count()).toBe(held);
    await page.getByRole('button', { name: 'Go on' }).click();
    await page.locator(`tr[data-auction="${id}"]`).waitFor(PATIENCE);
  });

  test('a page says when its figures no longer move, and goes on by itself', async () => {
    exchange.freeze(true);
    try {
      await page.getByText('The exchange has been silent').waitFor(PATIENCE);
    } finally {
      exchange.freeze(false);
    }
    await page.getByText('The exchange has been silent').waitFor({ ...PATIENCE, state: 'hidden' });
    const id = await bid(exchange.url, 'after-silence.example');
    await page.locator(`tr[data-auction="${id}"]`).waitFor(PATIENCE);
  });

  test('the live page that was opened while the exchange was away fills itself when it is back', async () => {
    const own = await newContext(browser!);
    // What the browser says of requests that fail is no complaint here.
    const tab = await newPage(own, []);
    let away = false;
    let hangUp = (): unknown => undefined;
    await tab.route('**/api/live', (route) => away ? route.abort() : route.continue());
    await tab.routeWebSocket(/\/live$/, (socket) => {
      if (away) return void socket.close();
      socket.connectToServer();
      hangUp = () => socket.close();
    });
    await tab.goto(exchange.url);
    await tab.locator('.dot[data-state=live]').waitFor(PATIENCE);
    await tab.getByRole('link', { name: 'Auctions' }).click();
    await tab.getByText('Outcomes').waitFor(PATIENCE);
    away = true;
    await hangUp();
    await tab.locator('.dot[data-state=offline]').waitFor(PATIENCE);
    await tab.getByRole('link', { name: 'Live' }).click();
    await tab.getByText('The exchange does not answer').waitFor(PATIENCE);
    away = false;
    await tab.locator('[data-tile="auctions"]').waitFor(PATIENCE);
    await own.close();
  });

  test('a row leads to who bid what, why the winner won, and what it pays', async () => {
    const id = await bid(exchange.url, 'explained.example');
    await page.locator(`tr[data-auction="${id}"] a`).click();
    await page.waitForURL(`**/auctions/${id}`);
    await page.getByText('The request as understood').waitFor(PATIENCE);
    const answer = await (await fetch(`${exchange.url}/api/auctions/${id}`)).json() as Answer;
    const [imp] = answer.imps;
    const verdict = await page.locator('.verdict').textContent();
    expect(verdict).toContain(`${imp!.seat} won`);
    expect(verdict).toContain(`pays ${imp!.price.toFixed(3)} CPM`);
    expect(await page.locator('[data-clearing] b').textContent()).toBe(
      `${imp!.price.toFixed(3)} CPM`,
    );
    const rows = await page.locator('tr[data-fate]').allTextContents();
    expect(rows).toHaveLength(answer.details.fates.length);
    for (const { seat, rule } of answer.details.fates) {
      expect(rows.some((row) => row.includes(seat) && row.includes(rule)), rule).toBe(true);
    }
    const steps = await page.locator('.waterfall tbody th').allTextContents();
    expect(steps).toEqual(
      expect.arrayContaining(['Whole auction', 'Request read', 'Auction open', 'Into the ledger']),
    );
  });

  test('on a phone the labels of an auction can be read, and are all on the page', async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    const labels = await page.locator('.price-line text').all();
    expect(labels).toHaveLength(2);
    for (const label of labels) {
      const { x, width, height } = (await label.boundingBox())!;
      expect(height).toBeGreaterThan(10);
      expect(x).toBeGreaterThan(0);
      expect(x + width).toBeLessThan(390);
    }
    await page.setViewportSize({ width: 1280, height: 720 });
  });

  test('on a phone an id without an end does not widen the page of its auction', async () => {
    const own = await newContext(browser!);
    const tab = await newPage(own, complaints);
    await tab.setViewportSize({ width: 390, height: 844 });
    const endless = 'x'.repeat(400);
    const id = await bid(exchange.url, 'long.example', [{ id: `1${endless}` }, { id: endless }]);
    await tab.goto(`${exchange.url}/auctions/${id}`);
    await tab.getByRole('heading', { name: `Impression 1${endless}` }).waitFor(PATIENCE);
    expect(await tab.evaluate('document.documentElement.scrollWidth')).toBe(390);
    await own.close();
  });

  test('filters narrow the list and live in the URL', async () => {
    await expect.poll(() => stored(exchange, 'explained.example'), PATIENCE).toBe(1);
    await page.goto(`${exchange.url}/auctions`);
    await page.getByLabel('Site or app').fill('explained.example');
    await page.getByLabel('Site or app').press('Enter');
    await expect.poll(() => page.locator('tr[data-auction]').count(), PATIENCE).toBe(1);
    expect(page.url()).toContain('site_domain=explained.example');
    // What a colleague sees who opens the link: from the server, before any script.
    const html = await (await fetch(page.url())).text();
    expect(html.match(/data-auction=/g)).toHaveLength(1);
    await page.getByRole('button', { name: /^Clear/ }).click();
    await expect.poll(() => page.locator('tr[data-auction]').count(), PATIENCE).toBeGreaterThan(10);
    await page.getByRole('columnheader', { name: 'Pays' }).getByRole('button').click();
    await expect.poll(() => page.url()).toContain('sort=price');
    const prices = async () =>
      (await page.locator('tr[data-auction] td:nth-child(9)').allTextContents()).map(Number);
    await expect.poll(async () => descending(await prices()), PATIENCE).toBe(true);
  });

  test('Back from an auction leads to the rows it was chosen from', async () => {
    for (let n = 0; n < 60; n++) await bid(exchange.url, 'back.example');
    await expect.poll(() => stored(exchange, 'back.example'), PATIENCE).toBe(60);
    const own = await newContext(browser!);
    const tab = await newPage(own, complaints);
    await tab.goto(`${exchange.url}/auctions?site_domain=back.example`);
    const list = tab.locator('.scroll.virtual');
    const place = () => list.evaluate((list) => list.scrollTop);
    // To rows of the second page, which comes while scrolling.
    await expect.poll(async () => {
      await list.evaluate((list) => list.scrollTo(0, 700));
      return await place();
    }, PATIENCE).toBe(700);
    // What is not drawn takes as much room as if it were: nothing jumps.
    const rowsHigh = () =>
      list.evaluate((list) => {
        const row = list.querySelector('tr')!.getBoundingClientRect();
        return Math.round(list.scrollHeight / row.height);
      });
    await expect.poll(rowsHigh, PATIENCE).toBe(61);
    const id = await list.evaluate((list) => {
      const { x, y, height } = list.getBoundingClientRect();
      const [element] = list.ownerDocument.elementsFromPoint(x + 10, y + height / 2);
      return element!.closest('tr')!.getAttribute('data-auction');
    });
    const row = tab.locator(`tr[data-auction="${id}"]`);
    const top = async () => (await row.boundingBox())?.y;
    const before = await top();
    await row.locator('td').nth(1).click();
    await tab.waitForURL(`**/auctions/${id}`);
    await tab.goBack();
    await expect.poll(top, PATIENCE).toBe(before);
    expect(await place()).toBe(700);
    await tab.getByRole('link', { name: 'Auctions' }).click();
    await expect.poll(place, PATIENCE).toBe(0);
    await own.close();
  });

  test('a range is the time before it was chosen, however long the page has been open', async () => {
    const own = await newContext(browser!);
    const tab = await newPage(own, complaints);
    await tab.goto(`${exchange.url}/auctions?site_domain=explained.example`);
    await expect.poll(() => tab.locator('tr[data-auction]').count(), PATIENCE).toBe(1);
    const anHourLater = Date.now() + 3_600_000;
    await tab.clock.setFixedTime(anHourLater);
    const asked = tab.waitForRequest(/outcomes\/\?/);
    await tab.getByRole('button', { name: '15 min' }).click();
    const since = new URL((await asked).url()).searchParams.get('since');
    expect(since).toBe(new Date(anHourLater - 15 * 60_000).toISOString());
    await own.close();
  });

  test('figures of before are dimmed, and what failed is asked for again as a whole', async () => {
    const own = await newContext(browser!);
    // Chromium itself writes of answers that say no.
    const tab = await newPage(own, []);
    await tab.goto(`${exchange.url}/auctions?site_domain=explained.example`);
    const parts = ['.page-head .num', 'figure.chart', '.scroll.virtual'];
    for (const part of parts) await tab.locator(part).waitFor(PATIENCE);
    const error = 'The warehouse does not answer just now';
    const answer = Promise.withResolvers<void>();
    await tab.route('**/api/outcomes/**', async (route) => {
      await answer.promise;
      await route.fulfill({ status: 503, json: { error } });
    });
    await tab.getByRole('button', { name: '1 hour' }).click();
    for (const part of parts) await tab.locator(`${part}[aria-busy="true"]`).waitFor(PATIENCE);
    answer.resolve();
    await expect.poll(() => tab.getByText(error).count(), PATIENCE).toBe(2);
    await tab.unroute('**/api/outcomes/**');
    await tab.getByRole('button', { name: 'Try again' }).click();
    for (const part of parts) await tab.locator(`${part}[aria-busy="false"]`).waitFor(PATIENCE);
    expect(await tab.getByText(error).count()).toBe(0);
    await own.close();
  });

  test('a page opened with a name and a key in its address asks like any other', async () => {
    const own = await newContext(browser!);
    const tab = await newPage(own, complaints);
    await tab.goto(exchange.url.replace('//', '//name:key@'));
    await tab.getByRole('link', { name: 'Auctions' }).click();
    await expect.poll(() => tab.locator('tr[data-auction]').count(), PATIENCE).toBeGreaterThan(1);
    await own.close();
  });

  test('no column of the list vanishes on a tablet, nor needs scrolling on a desk', async () => {
    const list = page.locator('.scroll.virtual');
    expect(await list.evaluate((list) => list.scrollWidth - list.clientWidth)).toBe(0);
    const cut = await list.locator('td:nth-child(2)').evaluateAll((cells) =>
      cells.filter((cell) => cell.scrollWidth > cell.clientWidth).length
    );
    expect(cut).toBe(0);
    await page.setViewportSize({ width: 820, height: 1180 });
    for (const head of await list.locator('th').all()) {
      expect((await head.boundingBox())!.width).toBeGreaterThan(60);
    }
    await page.setViewportSize({ width: 1280, height: 720 });
  });

  test('an auction is found by its id and by the id of the request', async () => {
    const id = await bid(exchange.url, 'wanted.example');
    await expect.poll(() => stored(exchange, 'wanted.example'), PATIENCE).toBe(1);
    const answer = await (await fetch(`${exchange.url}/api/auctions/${id}`)).json() as Answer;
    const requestId = answer.imps[0]!.request_id;
    await page.goto(`${exchange.url}/auctions`);
    const field = page.getByLabel('Auction or request id');
    await field.fill(requestId);
    await field.press('Enter');
    await expect.poll(() => page.locator('tr[data-auction]').count(), PATIENCE).toBe(1);
    expect(page.url()).toContain(`request_id=${requestId}`);
    await field.fill('');
    await expect.poll(() => page.locator('tr[data-auction]').count(), PATIENCE).toBeGreaterThan(1);
    await field.fill(id);
    await field.press('Enter');
    await page.waitForURL(`**/auctions/${id}`);
    await page.getByRole('region', { name: 'Facts' }).getByText(requestId).waitFor(PATIENCE);
  });

  test('what the exchange refuses is told in its own words, without an error on the page', async () => {
    const answer = await page.goto(`${exchange.url}/auctions?win_status=maybe`);
    expect(answer!.status()).toBe(400);
    const chart = page.getByRole('region', { name: 'Impressions over time' });
    await chart.getByText('win_status: allowed is won or no_bid').waitFor(PATIENCE);
    const told = 'Failed to load resource: the server responded with a status of 400';
    expect(complaints.splice(0)).toEqual([expect.stringContaining(told)]);
  });

  test('the first page needs at most 90 kB of packed JavaScript before its charts', async () => {
    const html = await (await fetch(exchange.url)).text();
    const names = new Set(html.match(/\/_build\/assets\/[\w.[\]-]+\.js/g));
    expect(names.size).toBeGreaterThan(3);
    let bytes = 0;
    for (const name of names) {
      expect(name).not.toContain('echarts');
      bytes += await transferred(exchange.url + name);
    }
    expect(bytes).toBeGreaterThan(10_000);
    expect(bytes).toBeLessThanOrEqual(90_000);
  });
});

interface Answer {
  imps: { request_id: string; seat: string; price: number }[];
  details: { fates: { seat: string; rule: string }[] };
}

interface Axe {
  violations: { id: string; nodes: { html: string }[] }[];
}

function newContext(from: Browser) {
  return from.newContext({
    viewport: { width: 1280, height: 720 },
    locale: 'en-US',
    permissions: ['clipboard-read', 'clipboard-write'],
  });
}

async function newPage(context: BrowserContext, complaints: string[]): Promise<Page> {
  const page = await context.newPage();
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  return page;
}

/** Sends a bid that is sure to be won; resolves to its auction. */
async function bid(url: string, domain: string, slots?: { id: string }[]): Promise<string> {
  const answer = await fetch(`${url}/bid`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ user_id: 'user-001', site: { domain }, ad_slots: slots }),
  });
  expect(answer.status).toBe(200);
  return answer.headers.get('helios-auction-id')!;
}

async function tile(page: Page, name: string): Promise<string> {
  return (await page.locator(`[data-tile="${name}"] dd`).textContent())!;
}

async function stored(exchange: ExchangeProcess, domain: string): Promise<number> {
  const answer = await fetch(`${exchange.url}/api/outcomes/?site_domain=${domain}`);
  return (await answer.json() as { total: number }).total;
}

/** Bytes as a browser gets them; `fetch` here would unpack them. */
function transferred(url: string): Promise<number> {
  return new Promise((resolve, reject) => {
    get(url, { headers: { 'accept-encoding': 'gzip' } }, (answer) => {
      let bytes = 0;
      answer.on('data', (part: Uint8Array) => bytes += part.length);
      answer.on('end', () => resolve(bytes));
    }).on('error', reject);
  });
}

function descending(values: readonly number[]): boolean {
  return values.length > 1 && values.every((value, n) => n === 0 || value <= values[n - 1]!);
}
