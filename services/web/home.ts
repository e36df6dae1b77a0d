/** The page `/` as HTML. Everything that comes from requests is escaped by the template. */
import { html } from 'hono/html';
import type { Place } from './app.ts';

export interface OutcomeRow {
  auction_id: string;
  time: string;
  site_domain: string;
  user_id: string;
  media_type: string;
  win_status: string;
  seat: string;
  campaign: string;
  bid_price: number;
  price: number;
  floor: number;
  currency: string;
  bids: number;
  enriched: boolean;
  answer_ms: number;
}

export interface Stats {
  auctions: number;
  won: number;
  win_rate: number | null;
  revenue: number;
  average_price: number | null;
  enriched_share: number | null;
}

export interface HomeData {
  outcomes: { total: number; results: OutcomeRow[] } | undefined;
  stats: Stats | undefined;
  places: Place[];
  origin: string;
}

export function renderHome({ outcomes, stats, places, origin }: HomeData): string {
  return html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Helios exchange</title>
    <link rel="stylesheet" href="/style.css">
  </head>
  <body>
    <header>
      <h1>Helios</h1>
      <p>A real-time-bidding exchange. Every auction below can be opened and explains itself.</p>
    </header>
    <main>
      ${tiles(stats)}
      <section>
        <h2>Last auctions</h2>
        ${table(outcomes?.results)}
      </section>
      <section class="pair">
        <div>
          <h2>Send a bid</h2>
          <pre>${curlLine(origin)}</pre>
        </div>
        <div>
          <h2>Where everything is</h2>
          <dl>${
    places.map(({ name, value, href }) =>
      html`
        <dt>${name}</dt>
        <dd>${href ? html`<a href="${href}">${value}</a>` : value}</dd>
      `
    )
  }</dl>
        </div>
      </section>
    </main>
  </body>
</html>`.toString();
}

/** A first bid to copy. */
export function curlLine(origin: string): string {
  return `curl -s ${origin}/bid -H 'content-type: application/json' \\
  -d '{"user_id":"user-001","site":{"domain":"example.com"},
       "ad_slots":[{"id":"1","min_bid":0.2,"format":["300x250"]}]}'`;
}

function tiles(stats: Stats | undefined) {
  if (!stats) return html`<p class="note">The figures are not available just now.</p>`;
  const tile = (name: string, value: string) =>
    html`
      <div>
        <dt>${name}</dt>
        <dd>${value}</dd>
      </div>
    `;
  return html`<dl class="tiles">
    ${tile('Auctions', stats.auctions.toLocaleString('en'))}
    ${tile('Impressions won', stats.won.toLocaleString('en'))}
    ${tile('Win rate', percent(stats.win_rate))}
    ${tile('Revenue', `$${stats.revenue.toFixed(2)}`)}
    ${
    tile(
      'Average price',
      stats.average_price === null ? '–' : `$${stats.average_price.toFixed(3)} CPM`,
    )
  }
    ${tile('Enriched', percent(stats.enriched_share))}
  </dl>`;
}

function table(rows: readonly OutcomeRow[] | undefined) {
  if (!rows) return html`<p class="note">The auctions are not available just now.</p>`;
  if (rows.length === 0) {
    return html`
      <p
        class="note">None yet. Send one with the line below, or start some with <code>npm run traffic</code>.</p>
    `;
  }
  return html`
    <div class="scroll">
      <table>
        <thead>
          <tr>
            <th>Time (UTC)</th>
            <th>Auction</th>
            <th>Site or app</th>
            <th>User</th>
            <th>Result</th>
            <th>Seat</th>
            <th>Campaign</th>
            <th class="n">Floor</th>
            <th class="n">Bid</th>
            <th class="n">Price</th>
            <th class="n">Bids</th>
            <th class="n">ms</th>
          </tr>
        </thead>
        <tbody>${rows.map(row)}</tbody>
      </table>
    </div>
  `;
}

function row(o: OutcomeRow) {
  const won = o.win_status === 'won';
  return html`
    <tr>
      <td>${o.time.slice(11, 23)}</td>
      <td><a href="/api/auctions/${o.auction_id}"><code>…${o.auction_id.slice(-8)}</code></a></td>
      <td>${o.site_domain}</td>
      <td>${o.user_id}</td>
      <td><span class="${won ? 'won' : 'none'}">${won ? 'won' : 'no bid'}</span></td>
      <td>${o.seat}</td>
      <td>${o.campaign}</td>
      <td class="n">${o.floor.toFixed(2)}</td>
      <td class="n">${won ? o.bid_price.toFixed(3) : ''}</td>
      <td class="n">${won ? o.price.toFixed(3) : ''}</td>
      <td class="n">${o.bids}</td>
      <td class="n">${o.answer_ms.toFixed(0)}</td>
    </tr>
  `;
}

function percent(share: number | null): string {
  return share === null ? '–' : `${(share * 100).toFixed(1)} %`;
}
