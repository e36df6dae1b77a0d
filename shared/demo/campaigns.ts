/** The campaigns of the demo: invented brands, a few sizes each, interests spread over all categories. */
import type { Category } from './categories.ts';
import type { Brand } from './creatives.ts';

type Size = `${number}x${number}`;

export interface DemoCampaign {
  id: string;
  seat: 'atlas' | 'meridian' | 'larkspur' | 'tidewater';
  brand: Brand;
  /** IAB Content Taxonomy 1.0. */
  cat: string[];
  baseCpm: number;
  interests: Category[];
  countries?: string[];
  banners: Size[];
  /** Seconds, and the VAST version of the markup. */
  video?: readonly [dur: number, version: '3.0' | '4.0'];
  /** Seconds. */
  audio?: number;
  native?: boolean;
}

/** Every seat can bid on every common format; the base prices are apart enough to tell who bid. */
export const CAMPAIGNS: readonly DemoCampaign[] = [
  {
    id: 'aurora-trailwear',
    seat: 'atlas',
    brand: brand('Aurora Outdoors', 'Further than the trail goes', 'aurora-outdoors', '#14532d'),
    cat: ['IAB17'],
    baseCpm: 2.4,
    interests: ['outdoors', 'sports', 'travel'],
    banners: ['300x250', '728x90', '300x600', '336x280'],
    native: true,
  },
  {
    id: 'copperkettle-pantry',
    seat: 'atlas',
    brand: brand('Copper Kettle', 'Dinner, sorted by six', 'copper-kettle', '#9a3412'),
    cat: ['IAB8'],
    baseCpm: 1.6,
    interests: ['food', 'home'],
    banners: ['300x250', '320x50', '970x250'],
    native: true,
  },
  {
    id: 'pixelgrove-arcade',
    seat: 'atlas',
    brand: brand('Pixelgrove', 'A new level every evening', 'pixelgrove', '#4c1d95'),
    cat: ['IAB9-30'],
    baseCpm: 4.2,
    interests: ['gaming', 'entertainment'],
    banners: ['300x250', '320x50', '320x480'],
    video: [15, '4.0'],
  },
  {
    id: 'lumen-lamps',
    seat: 'atlas',
    brand: brand('Lumen House', 'Light for every corner', 'lumen-house', '#78350f'),
    cat: ['IAB10'],
    baseCpm: 0.9,
    interests: ['home', 'shopping'],
    banners: ['160x600', '728x90', '336x280', '320x100'],
  },
  {
    id: 'fernway-rail',
    seat: 'meridian',
    brand: brand('Fernway Rail', 'The window seat is yours', 'fernway-rail', '#065f46'),
    cat: ['IAB20'],
    baseCpm: 3.8,
    interests: ['travel'],
    banners: ['300x250', '728x90', '970x250', '160x600'],
    video: [30, '4.0'],
  },
  {
    id: 'quillmark-courses',
    seat: 'meridian',
    brand: brand('Quillmark', 'Learn it by Friday', 'quillmark', '#1e3a8a'),
    cat: ['IAB5'],
    baseCpm: 2,
    interests: ['education', 'science', 'business'],
    banners: ['300x250', '300x600', '336x280'],
    native: true,
  },
  {
    id: 'tidepool-pets',
    seat: 'meridian',
    brand: brand('Tidepool Pets', 'For every wagging tail', 'tidepool-pets', '#155e75'),
    cat: ['IAB16'],
    baseCpm: 1.4,
    interests: ['pets', 'parenting'],
    banners: ['300x250', '320x50', '320x100', '320x480'],
    native: true,
  },
  {
    id: 'sonora-headphones',
    seat: 'meridian',
    brand: brand('Sonora Audio', 'Hear the room disappear', 'sonora-audio', '#312e81'),
    cat: ['IAB1-6'],
    baseCpm: 3.4,
    interests: ['music', 'technology'],
    banners: ['300x250', '728x90'],
    audio: 30,
  },
  {
    id: 'verdant-savings',
    seat: 'larkspur',
    brand: brand('Verdant Savings', 'Money that grows quietly', 'verdant-savings', '#166534'),
    cat: ['IAB13'],
    baseCpm: 5.2,
    interests: ['finance', 'business'],
    countries: ['USA', 'GBR', 'DEU', 'FRA'],
    banners: ['300x250', '728x90', '300x600'],
  },
  {
    id: 'kestrel-roadster',
    seat: 'larkspur',
    brand: brand('Kestrel Motors', 'Electric, and in no hurry', 'kestrel-motors', '#7f1d1d'),
    cat: ['IAB2'],
    baseCpm: 6,
    interests: ['automotive', 'technology'],
    banners: ['970x250', '300x600', '320x480'],
    video: [20, '4.0'],
  },
  {
    id: 'bluefinch-autumn',
    seat: 'larkspur',
    brand: brand('Bluefinch', 'Worn in, not worn out', 'bluefinch', '#1e40af'),
    cat: ['IAB18'],
    baseCpm: 2.6,
    interests: ['fashion', 'shopping'],
    banners: ['300x250', '320x50', '160x600'],
    native: true,
  },
  {
    id: 'daybreak-reader',
    seat: 'larkspur',
    brand: brand('Daybreak', 'The news, read to you', 'daybreak-reader', '#334155'),
    cat: ['IAB12'],
    baseCpm: 1.2,
    interests: ['news'],
    banners: ['728x90', '320x50', '336x280'],
    audio: 20,
  },
  {
    id: 'orbit-fibre',
    seat: 'tidewater',
    brand: brand('Orbit Fibre', 'Fast, and then some', 'orbit-fibre', '#0c4a6e'),
    cat: ['IAB19'],
    baseCpm: 4.6,
    interests: ['technology', 'gaming'],
    banners: ['300x250', '728x90', '970x250'],
    video: [15, '3.0'],
  },
  {
    id: 'willowbrook-checkup',
    seat: 'tidewater',
    brand: brand('Willowbrook', 'Ask before it aches', 'willowbrook', '#115e59'),
    cat: ['IAB7'],
    baseCpm: 2.2,
    interests: ['health', 'parenting'],
    banners: ['300x250', '160x600', '320x100', '300x600'],
  },
  {
    id: 'marigold-recipes',
    seat: 'tidewater',
    brand: brand('Marigold', 'Three pans, one hour', 'marigold-recipes', '#a16207'),
    cat: ['IAB8'],
    baseCpm: 0.8,
    interests: ['food'],
    banners: ['300x250', '320x50'],
    native: true,
  },
  {
    id: 'summit-tickets',
    seat: 'tidewater',
    brand: brand('Summit Tickets', 'Front row, fair price', 'summit-tickets', '#831843'),
    cat: ['IAB1'],
    baseCpm: 2.8,
    interests: ['entertainment', 'sports', 'music'],
    banners: ['320x480', '320x50', '336x280'],
  },
];

function brand(name: string, slogan: string, host: string, colour: string): Brand {
  return { name, slogan, domain: `${host}.example`, colour };
}
