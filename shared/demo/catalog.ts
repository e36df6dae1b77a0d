/**
 * What the exchange is configured with when it first starts: invented brands in four seats of two
 * competing groups, so that a newcomer's first request meets a real auction.
 */
import type { Campaign, ConfigChange, Creative } from '../model/catalog.ts';
import { cpmToMicros } from '../model/money.ts';
import { CAMPAIGNS, type DemoCampaign } from './campaigns.ts';
import { audioCreative, bannerCreative, nativeCreative, videoCreative } from './creatives.ts';
import { PLACES } from './inventory.ts';

/**
 * The same changes each time but for their date, bidders before their campaigns, campaigns before
 * their creatives.
 *
 * @param nowMs epoch ms the changes are dated
 */
export function demoCatalog(nowMs: number): ConfigChange[] {
  const base = { v: 1, at: nowMs, actor: 'demo' } as const;
  const changes: ConfigChange[] = [];
  for (const publisher of demoPublishers()) {
    const value = { ...publisher, active: true };
    changes.push({ ...base, id: value.id, kind: 'publisher', value });
  }
  for (const { id, name, group } of SEATS) {
    changes.push({ ...base, id, kind: 'bidder', value: { id, name, group, active: true } });
  }
  for (const demo of CAMPAIGNS) {
    const value = campaignOf(demo);
    changes.push({ ...base, id: value.id, kind: 'campaign', value });
    for (const creative of creativesOf(demo)) {
      changes.push({ ...base, id: creative.id, kind: 'creative', value: creative });
    }
  }
  // As they are read later: each text in one piece, see `flat-text.ts`.
  return JSON.parse(JSON.stringify(changes)) as ConfigChange[];
}

const SEATS = [
  { id: 'atlas', name: 'Atlas Trading Desk', group: 'house' },
  { id: 'meridian', name: 'Meridian Brands', group: 'house' },
  { id: 'larkspur', name: 'Larkspur Media', group: 'partners' },
  { id: 'tidewater', name: 'Tidewater Buying', group: 'partners' },
] as const;

function campaignOf(demo: DemoCampaign): Campaign {
  const { id, seat, brand, cat, baseCpm, interests, countries = [] } = demo;
  return {
    id,
    name: brand.name,
    seat,
    active: true,
    adomain: [brand.domain],
    cat,
    baseCpmMicros: cpmToMicros(baseCpm),
    currency: 'USD',
    targeting: { interests, countries, inventory: [] },
  };
}

function creativesOf({ id, brand, banners, video, audio, native }: DemoCampaign): Creative[] {
  const creatives = banners.map((size) => {
    const [w, h] = size.split('x').map(Number);
    return bannerCreative(id, brand, w!, h!);
  });
  if (video !== undefined) creatives.push(videoCreative(id, brand, ...video));
  if (audio !== undefined) creatives.push(audioCreative(id, brand, audio));
  if (native === true) creatives.push(nativeCreative(id, brand));
  return creatives;
}

/** Requests without a key are counted for `demo`; the others own the places of the sample traffic. */
function demoPublishers(): { id: string; name: string; demo: boolean }[] {
  const others = new Map(PLACES.map(({ publisher: { id, name } }) => [id, name]));
  return [
    { id: 'demo', name: 'Demo publisher', demo: true },
    ...[...others].map(([id, name]) => ({ id, name, demo: false })),
  ];
}
