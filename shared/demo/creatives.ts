/**
 * Markup of the demo ads: small enough to travel with every bid, drawn in place instead of fetched,
 * and complete enough to be shown, played and clicked. All addresses are under `.example`, which
 * belongs to nobody (RFC 2606).
 */
import type { Creative } from '../model/catalog.ts';

/** Who advertises, as the ads show it. Texts go into markup as they are: no `<`, `&` or quotes. */
export interface Brand {
  name: string;
  slogan: string;
  domain: string;
  /** CSS colour of the ground the white text stands on. */
  colour: string;
}

export function bannerCreative(
  campaignId: string,
  brand: Brand,
  w: number,
  h: number,
): Creative {
  const id = `${campaignId}-${w}x${h}`;
  return { ...BARE, id, campaignId, type: 'banner', w, h, adm: bannerMarkup(id, brand, w, h) };
}

/** Fills a 1280×720 frame; players scale it. */
export function videoCreative(
  campaignId: string,
  brand: Brand,
  dur: number,
  version: VastVersion,
): Creative {
  const id = `${campaignId}-video`;
  const mimes = ['video/mp4'];
  const file: MediaFile = { type: 'video/mp4', name: `${dur}s.mp4`, w: 1280, h: 720 };
  const adm = vastMarkup(id, brand, dur, file, version);
  return { ...BARE, id, campaignId, type: 'video', w: file.w, h: file.h, dur, mimes, adm };
}

export function audioCreative(campaignId: string, brand: Brand, dur: number): Creative {
  const id = `${campaignId}-audio`;
  const mimes = ['audio/mp4'];
  const file: MediaFile = { type: 'audio/mp4', name: `${dur}s.m4a`, w: 0, h: 0 };
  const adm = vastMarkup(id, brand, dur, file, '4.0');
  return { ...BARE, id, campaignId, type: 'audio', dur, mimes, adm };
}

/** A Native 1.2 response with all the assets of the brand; a bid serves those it is asked for. */
export function nativeCreative(campaignId: string, brand: Brand): Creative {
  const id = `${campaignId}-native`;
  const { name, slogan, domain } = brand;
  const image = (type: number, w: number, h: number) => ({
    img: { type, url: `https://${domain}/${w}x${h}.png`, w, h },
  });
  const data = (type: number, value: string) => ({ data: { type, value } });
  const adm = JSON.stringify({
    ver: '1.2',
    link: { url: landing(brand, id) },
    assets: [
      { title: { text: slogan } },
      // For whoever has less room.
      { title: { text: name } },
      image(IMAGE.main, 1200, 627),
      image(IMAGE.main, 600, 600),
      image(IMAGE.icon, 128, 128),
      data(DATA.sponsored, name),
      data(DATA.desc, `${slogan}, with ${name}`),
      data(DATA.displayurl, domain),
      data(DATA.ctatext, 'Learn more'),
    ],
  });
  return { ...BARE, id, campaignId, type: 'native', adm };
}

/** Native 1.2 §7.5 and §7.4. */
const IMAGE = { icon: 1, main: 3 };
const DATA = { sponsored: 1, desc: 2, displayurl: 11, ctatext: 12 };

const BARE = { w: 0, h: 0, mimes: [] as string[], attr: [] as number[], active: true };

function landing(brand: Brand, creativeId: string): string {
  return `https://${brand.domain}/?cr=${creativeId}`;
}

function bannerMarkup(id: string, brand: Brand, w: number, h: number): string {
  const { name, slogan, colour } = brand;
  // Half an em per character is a fair guess of a sans-serif's width; a tenth is left as margin.
  const widest = (text: string) => (w * 0.9) / (text.length * 0.55);
  const big = Math.floor(Math.min(40, h * 0.36, widest(name)));
  const small = Math.floor(Math.min(18, big * 0.65, widest(slogan)));
  // Single quotes: JSON needs no escapes for them, and markup travels as JSON all the way.
  const text = (y: number, size: number, words: string) =>
    `<text x='${w / 2}' y='${Math.round(y)}' font-size='${size}'>${words}</text>`;
  return `<a href='${landing(brand, id)}' target='_blank'>` +
    `<svg width='${w}' height='${h}' fill='#fff' font-family='sans-serif' text-anchor='middle'>` +
    `<rect width='${w}' height='${h}' fill='${colour}'/>` +
    text(h / 2, big, name) + text(h / 2 + small * 1.5, small, slogan) + '</svg></a>';
}

type VastVersion = '3.0' | '4.0';
type MediaFile = { type: string; name: string; w: number; h: number };

/** 3.0 for players that have not learnt 4; there a creative has no universal id yet. */
function vastMarkup(
  id: string,
  brand: Brand,
  dur: number,
  file: MediaFile,
  version: VastVersion,
): string {
  const { name, domain } = brand;
  const universalId = version === '4.0'
    ? `<UniversalAdId idRegistry="${domain}" idValue="${id}">${id}</UniversalAdId>`
    : '';
  const media = `<MediaFile delivery="progressive" type="${file.type}" width="${file.w}" ` +
    `height="${file.h}"><![CDATA[https://${domain}/${file.name}]]></MediaFile>`;
  return `<VAST version="${version}"><Ad id="${id}"><InLine><AdSystem>Helios demo</AdSystem>` +
    `<AdTitle>${name}</AdTitle><Impression><![CDATA[https://${domain}/seen]]></Impression>` +
    `<Creatives><Creative>${universalId}` +
    `<Linear><Duration>00:00:${String(dur).padStart(2, '0')}</Duration>` +
    `<MediaFiles>${media}</MediaFiles>` +
    `<VideoClicks><ClickThrough><![CDATA[${landing(brand, id)}]]></ClickThrough></VideoClicks>` +
    '</Linear></Creative></Creatives></InLine></Ad></VAST>';
}
