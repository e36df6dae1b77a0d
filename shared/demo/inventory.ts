/**
 * Where the sample traffic's ads are shown: sites and apps of several publishers. All names end in
 * `.example`, which belongs to nobody (RFC 2606). Categories are those of IAB Content Taxonomy 1.0,
 * OpenRTB's default (`cattax` 1).
 */

/** What a page or a screen offers; `traffic.ts` knows the imps of each. */
export type Layout = 'article' | 'feed' | 'player' | 'game' | 'television';

export interface Place {
  kind: 'site' | 'app';
  /** Site domain, or the app's bundle. */
  name: string;
  title: string;
  publisher: { id: string; name: string; domain: string };
  cat: string[];
  layout: Layout;
  /** Pages of a site, relative to its domain. */
  sections: string[];
  /** Share of the traffic, relative to the other places. */
  weight: number;
  /** Floors asked here are this many times the usual. */
  worth: number;
}

const DAILY = { id: 'pub-daily', name: 'Daily Press Group', domain: 'daily-press.example' };
const STADIUM = { id: 'pub-stadium', name: 'Stadium Media', domain: 'stadium.example' };
const CIRCUIT = { id: 'pub-circuit', name: 'Circuit Publishing', domain: 'circuit.example' };
const HEARTH = { id: 'pub-hearth', name: 'Hearth and Home', domain: 'hearth.example' };
const WANDER = { id: 'pub-wander', name: 'Wander Network', domain: 'wander.example' };
const LEDGERS = { id: 'pub-ledgers', name: 'Open Ledgers', domain: 'ledgers.example' };
const ARCADE = { id: 'pub-arcade', name: 'Arcade Works', domain: 'arcade-works.example' };
const STREAM = { id: 'pub-stream', name: 'Northern Streams', domain: 'northern.example' };

export const PLACES: readonly Place[] = [
  site(DAILY, 'news.example', 'Daily News', ['IAB12'], 'article', 20, 1.2, ['world', 'city']),
  site(DAILY, 'morning.example', 'The Morning', ['IAB12'], 'article', 12, 1.1, [
    'today',
    'opinion',
  ]),
  site(DAILY, 'weather.example', 'Weather Now', ['IAB15-10'], 'article', 10, 0.7, ['forecast']),
  site(DAILY, 'culture.example', 'Culture Pages', ['IAB1'], 'article', 4, 0.9, ['books', 'film']),
  site(STADIUM, 'sports.example', 'Stadium', ['IAB17'], 'feed', 16, 1.1, ['football', 'tennis']),
  site(STADIUM, 'goals.example', 'Goals', ['IAB17-12'], 'player', 8, 1.3, ['clips']),
  site(STADIUM, 'racing.example', 'Racing Line', ['IAB2', 'IAB17'], 'article', 4, 1.4, ['grid']),
  site(STADIUM, 'fitness.example', 'Fit Daily', ['IAB7-1'], 'feed', 5, 1, ['training', 'running']),
  site(CIRCUIT, 'tech.example', 'Circuit', ['IAB19'], 'article', 14, 1.5, ['reviews', 'phones']),
  site(CIRCUIT, 'gadgets.example', 'Gadget Bench', ['IAB19-6'], 'feed', 8, 1.3, ['audio', 'home']),
  site(CIRCUIT, 'developers.example', 'Developer Notes', ['IAB19-18'], 'article', 3, 1.8, [
    'guides',
  ]),
  site(CIRCUIT, 'science.example', 'Science Weekly', ['IAB15'], 'article', 4, 1, [
    'space',
    'earth',
  ]),
  site(HEARTH, 'recipes.example', 'Kitchen Table', ['IAB8'], 'feed', 10, 0.9, ['dinner', 'baking']),
  site(HEARTH, 'garden.example', 'Green Corner', ['IAB10'], 'article', 3, 0.8, ['spring']),
  site(HEARTH, 'parents.example', 'Parents', ['IAB6'], 'article', 4, 1, ['school', 'play']),
  site(HEARTH, 'health.example', 'Health Guide', ['IAB7'], 'article', 6, 1.2, ['sleep', 'food']),
  site(HEARTH, 'style.example', 'Style File', ['IAB18'], 'feed', 7, 1.3, ['shoes', 'looks']),
  site(WANDER, 'travel.example', 'Wander', ['IAB20'], 'feed', 8, 1.4, ['europe', 'asia']),
  site(WANDER, 'flights.example', 'Flight Finder', ['IAB20-3'], 'article', 5, 1.9, ['search']),
  site(WANDER, 'trails.example', 'Trail Maps', ['IAB17', 'IAB20'], 'article', 2, 0.8, ['alps']),
  site(LEDGERS, 'finance.example', 'Open Markets', ['IAB13'], 'article', 7, 2.2, [
    'stocks',
    'funds',
  ]),
  site(LEDGERS, 'careers.example', 'Careers', ['IAB4'], 'article', 3, 1.5, ['search', 'advice']),
  site(LEDGERS, 'homes.example', 'Homes for Sale', ['IAB21'], 'feed', 4, 1.7, ['flats', 'houses']),
  site(STREAM, 'videos.example', 'Clip Hall', ['IAB1-5'], 'player', 10, 1.2, ['watch', 'new']),
  site(STREAM, 'music.example', 'Music Hall', ['IAB1-6'], 'player', 4, 0.9, ['live']),
  app(ARCADE, 'com.example.blocks', 'Block Garden', ['IAB9-30'], 'game', 9, 0.6),
  app(ARCADE, 'com.example.cards', 'Card Table', ['IAB9-7'], 'game', 6, 0.6),
  app(ARCADE, 'com.example.racer', 'Night Racer', ['IAB9-30', 'IAB2'], 'game', 5, 0.7),
  app(ARCADE, 'com.example.words', 'Word Ladder', ['IAB9-30'], 'game', 4, 0.5),
  app(DAILY, 'com.example.news', 'Daily News', ['IAB12'], 'feed', 8, 1.1),
  app(DAILY, 'com.example.weather', 'Weather Now', ['IAB15-10'], 'feed', 7, 0.7),
  app(STADIUM, 'com.example.scores', 'Live Scores', ['IAB17'], 'feed', 7, 1),
  app(WANDER, 'com.example.maps', 'Pocket Maps', ['IAB20'], 'feed', 4, 1.1),
  app(STREAM, 'com.example.tv', 'Northern TV', ['IAB1-7'], 'television', 6, 3),
  app(STREAM, 'com.example.cinema', 'Cinema at Home', ['IAB1-5'], 'television', 4, 3.4),
];

function site(
  publisher: Place['publisher'],
  name: string,
  title: string,
  cat: string[],
  layout: Layout,
  weight: number,
  worth: number,
  sections: string[],
): Place {
  return { kind: 'site', name, title, publisher, cat, layout, sections, weight, worth };
}

function app(
  publisher: Place['publisher'],
  name: string,
  title: string,
  cat: string[],
  layout: Layout,
  weight: number,
  worth: number,
): Place {
  return { kind: 'app', name, title, publisher, cat, layout, sections: [], weight, worth };
}
