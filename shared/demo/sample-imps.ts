/** The ad places of a sample request: what a page, feed, player, game or television screen offers. */
import type { Imp } from '../model/openrtb.ts';
import type { Layout, Place } from './inventory.ts';

/** Gives numbers from 0 (inclusive) to 1. */
export type Random = () => number;

/** Median floor in CPM and its spread (of the logarithm): one in ten asks more than 2.2 times. */
const FLOOR_MEDIAN_CPM = 0.35;
const FLOOR_SPREAD = 0.6;
const NO_FLOOR_SHARE = 0.15;
/** Moving pictures sell for more. */
const VIDEO_WORTH = 3;

type Slot = { weight: number; tagids: readonly string[] };

/** Which ad places a layout asks for together; the tag names the shape. */
const SLOTS: Record<Layout, readonly Slot[]> = {
  article: [
    { weight: 50, tagids: ['mrec'] },
    { weight: 25, tagids: ['leaderboard'] },
    { weight: 15, tagids: ['leaderboard', 'mrec'] },
    { weight: 6, tagids: ['leaderboard', 'mrec', 'skyscraper'] },
    { weight: 4, tagids: ['mrec', 'outstream'] },
  ],
  feed: [
    { weight: 40, tagids: ['native'] },
    { weight: 30, tagids: ['mrec'] },
    { weight: 20, tagids: ['mobile'] },
    { weight: 10, tagids: ['native-row', 'mrec'] },
  ],
  player: [
    { weight: 70, tagids: ['preroll'] },
    { weight: 15, tagids: ['preroll', 'mrec'] },
    { weight: 15, tagids: ['leaderboard'] },
  ],
  game: [
    { weight: 55, tagids: ['mobile'] },
    { weight: 25, tagids: ['interstitial'] },
    { weight: 20, tagids: ['rewarded'] },
  ],
  television: [
    { weight: 80, tagids: ['break'] },
    { weight: 20, tagids: ['break', 'break'] },
  ],
};

export function sampleImps(random: Random, place: Place): Imp[] {
  const { tagids } = weighted(random, SLOTS[place.layout]);
  return tagids.map((tag, index) => {
    const shape = SHAPES[tag]!;
    const imp: Imp = { id: String(index + 1), ...shape, tagid: `${place.name}/${tag}`, secure: 1 };
    if (random() >= NO_FLOOR_SHARE) {
      imp.bidfloor = sampleFloor(random, place.worth * (shape.video ? VIDEO_WORTH : 1));
      imp.bidfloorcur = 'USD';
    }
    return imp;
  });
}

/** One of the choices, each as likely as its weight says. */
export function weighted<T extends { weight: number }>(random: Random, choices: readonly T[]): T {
  const sum = choices.reduce((total, choice) => total + choice.weight, 0);
  let rest = random() * sum;
  for (const choice of choices) {
    rest -= choice.weight;
    if (rest < 0) return choice;
  }
  return choices.at(-1)!;
}

/** Log-normal, in whole cents of CPM. */
function sampleFloor(random: Random, worth: number): number {
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const cpm = FLOOR_MEDIAN_CPM * worth * Math.exp(FLOOR_SPREAD * normal);
  return Math.max(0.01, Math.round(cpm * 100) / 100);
}

const VIDEO_BASE = {
  mimes: ['video/mp4', 'video/webm'],
  protocols: [2, 3, 5, 6, 7, 8],
  linearity: 1,
};

/** A Native 1.2 request for an ad in a feed: title, picture, advertiser, one line of text. */
const FEED_REQUEST = JSON.stringify({
  ver: '1.2',
  context: 1,
  plcmttype: 1,
  assets: [
    { id: 1, required: 1, title: { len: 90 } },
    { id: 2, required: 1, img: { type: 3, wmin: 300, hmin: 157 } },
    { id: 3, required: 0, data: { type: 1, len: 25 } },
    { id: 4, required: 0, data: { type: 2, len: 140 } },
  ],
  eventtrackers: [{ event: 1, methods: [1, 2] }],
});

/** Another publisher's, for a row of a list: a short title, an icon, a button. */
const ROW_REQUEST = JSON.stringify({
  ver: '1.2',
  context: 1,
  plcmttype: 4,
  assets: [
    { id: 101, required: 1, title: { len: 25 } },
    { id: 102, required: 1, img: { type: 1, wmin: 80, hmin: 80 } },
    { id: 103, required: 0, data: { type: 12, len: 15 } },
  ],
});

const SHAPES: Record<string, Pick<Imp, 'banner' | 'video' | 'native' | 'instl'>> = {
  mrec: { banner: banner([300, 250], [336, 280]) },
  leaderboard: { banner: banner([728, 90], [970, 250]) },
  skyscraper: { banner: banner([300, 600], [160, 600]) },
  mobile: { banner: banner([320, 50], [320, 100]) },
  interstitial: { banner: banner([320, 480], [300, 250]), instl: 1 },
  native: { native: { request: FEED_REQUEST, ver: '1.2' } },
  'native-row': { native: { request: ROW_REQUEST, ver: '1.2' } },
  outstream: {
    video: { ...VIDEO_BASE, w: 640, h: 360, plcmt: 4, minduration: 5, maxduration: 15 },
  },
  preroll: { video: { ...VIDEO_BASE, w: 640, h: 360, plcmt: 1, minduration: 5, maxduration: 30 } },
  rewarded: {
    video: { ...VIDEO_BASE, w: 320, h: 480, plcmt: 3, minduration: 5, maxduration: 30 },
    instl: 1,
  },
  break: { video: { ...VIDEO_BASE, w: 1920, h: 1080, plcmt: 1, minduration: 6, maxduration: 60 } },
};

function banner(...sizes: [number, number][]): Imp['banner'] {
  const [w, h] = sizes[0]!;
  return { format: sizes.map(([w, h]) => ({ w, h })), w, h };
}
