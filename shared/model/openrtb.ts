/**
 * The parts of OpenRTB 2.6 (edition 2.6-202606) the exchange reads or writes. Field names are the
 * specification's. Objects may carry more than is listed: unknown fields are kept as they came
 * (spec 2.6: new fields must be tolerated). Prices here are decimal CPM.
 */

export type Ext = Record<string, unknown>;

export interface BidRequest {
  id: string;
  imp: Imp[];
  site?: Site;
  app?: App;
  dooh?: Dooh;
  device?: Device;
  user?: User;
  test?: 0 | 1;
  /** 1 = first price, 2 = second price plus; default 2 (spec 3.2.1). */
  at?: number;
  /** Time the publisher waits, in ms, network included. */
  tmax?: number;
  wseat?: string[];
  bseat?: string[];
  cur?: string[];
  wlang?: string[];
  wlangb?: string[];
  acat?: string[];
  bcat?: string[];
  cattax?: number;
  badv?: string[];
  bapp?: string[];
  source?: { tid?: string; pchain?: string; schain?: Ext; ext?: Ext };
  regs?: { coppa?: number; gdpr?: number; us_privacy?: string; gpp?: string; ext?: Ext };
  ext?: Ext;
}

export interface Imp {
  id: string;
  banner?: Banner;
  video?: Video;
  audio?: Audio;
  native?: Native;
  pmp?: { private_auction?: number; deals?: Deal[]; ext?: Ext };
  instl?: number;
  tagid?: string;
  /** Decimal CPM; default 0. */
  bidfloor?: number;
  bidfloorcur?: string;
  secure?: number;
  exp?: number;
  metric?: Metric[];
  ext?: Ext;
}

export interface Metric {
  type: string;
  value: number;
  vendor?: string;
  ext?: Ext;
}

export interface Format {
  w?: number;
  h?: number;
  wratio?: number;
  hratio?: number;
  wmin?: number;
  ext?: Ext;
}

export interface Banner {
  format?: Format[];
  w?: number;
  h?: number;
  btype?: number[];
  battr?: number[];
  pos?: number;
  mimes?: string[];
  api?: number[];
  ext?: Ext;
}

export interface Video {
  mimes: string[];
  /** Seconds; not beside `rqddurs`. */
  minduration?: number;
  maxduration?: number;
  rqddurs?: number[];
  protocols?: number[];
  w?: number;
  h?: number;
  plcmt?: number;
  linearity?: number;
  minbitrate?: number;
  maxbitrate?: number;
  sequence?: number;
  maxseq?: number;
  /** Decimal CPM for each second; not beside `durfloors`. */
  mincpmpersec?: number;
  durfloors?: DurFloors[];
  companionad?: Banner[];
  battr?: number[];
  api?: number[];
  ext?: Ext;
}

export interface Audio {
  mimes: string[];
  /** Seconds; not beside `rqddurs`. */
  minduration?: number;
  maxduration?: number;
  rqddurs?: number[];
  protocols?: number[];
  minbitrate?: number;
  maxbitrate?: number;
  sequence?: number;
  maxseq?: number;
  /** Decimal CPM for each second; not beside `durfloors`. */
  mincpmpersec?: number;
  durfloors?: DurFloors[];
  companionad?: Banner[];
  battr?: number[];
  api?: number[];
  ext?: Ext;
}

/** A floor for creatives from `mindur` to `maxdur` seconds (spec 3.2.35). */
export interface DurFloors {
  mindur?: number;
  maxdur?: number;
  /** Decimal CPM; default 0. */
  bidfloor?: number;
  ext?: Ext;
}

export interface Native {
  /** A JSON text with a Native 1.2 request. */
  request: string;
  ver?: string;
  api?: number[];
  battr?: number[];
  ext?: Ext;
}

export interface Deal {
  id: string;
  /** Decimal CPM; default 0. */
  bidfloor?: number;
  /** Default USD; does not inherit `Imp.bidfloorcur` (spec 3.2.12). */
  bidfloorcur?: string;
  /** 3 = `bidfloor` is the agreed price. */
  at?: number;
  wseat?: string[];
  wadomain?: string[];
  mincpmpersec?: number;
  durfloors?: DurFloors[];
  ext?: Ext;
}

export interface Publisher {
  id?: string;
  name?: string;
  domain?: string;
  cat?: string[];
  ext?: Ext;
}

export interface Site {
  id?: string;
  name?: string;
  domain?: string;
  cat?: string[];
  page?: string;
  ref?: string;
  publisher?: Publisher;
  content?: Ext;
  keywords?: string;
  ext?: Ext;
}

export interface App {
  id?: string;
  name?: string;
  bundle?: string;
  domain?: string;
  storeurl?: string;
  cat?: string[];
  publisher?: Publisher;
  content?: Ext;
  ext?: Ext;
}

export interface Dooh {
  id?: string;
  name?: string;
  venuetype?: string[];
  domain?: string;
  publisher?: Publisher;
  ext?: Ext;
}

export interface Geo {
  country?: string;
  region?: string;
  city?: string;
  lat?: number;
  lon?: number;
  accuracy?: number;
  ext?: Ext;
}

export interface Device {
  ua?: string;
  ip?: string;
  ipv6?: string;
  devicetype?: number;
  make?: string;
  model?: string;
  os?: string;
  osv?: string;
  w?: number;
  h?: number;
  ppi?: number;
  language?: string;
  ifa?: string;
  dnt?: number;
  lmt?: number;
  geo?: Geo;
  ext?: Ext;
}

export interface User {
  id?: string;
  buyeruid?: string;
  keywords?: string;
  geo?: Geo;
  consent?: string;
  eids?: Ext[];
  ext?: Ext;
}

/** Markup types of a bid (spec 4.2.3, Bid.mtype). */
export const MTYPE = { banner: 1, video: 2, audio: 3, native: 4 } as const;
export type MediaType = keyof typeof MTYPE;

export interface BidResponse {
  id: string;
  seatbid?: SeatBid[];
  bidid?: string;
  cur?: string;
  nbr?: number;
  ext?: Ext;
}

export interface SeatBid {
  seat?: string;
  group?: 0 | 1;
  bid: Bid[];
  ext?: Ext;
}

export interface Bid {
  id: string;
  impid: string;
  /** Decimal CPM. */
  price: number;
  adm?: string;
  adomain?: string[];
  cid?: string;
  crid?: string;
  cat?: string[];
  attr?: number[];
  dealid?: string;
  w?: number;
  h?: number;
  mtype?: number;
  dur?: number;
  exp?: number;
  nurl?: string;
  burl?: string;
  lurl?: string;
  ext?: Ext;
}

/** No-bid reasons (OpenRTB 3.0, List: No-Bid Reason Codes) the exchange itself gives; own codes from 500. */
export const NBR = {
  technicalError: 1,
  invalidRequest: 2,
  insufficientAuctionTime: 15,
  noEligibleBid: 500,
} as const;

/** Media types an imp offers, in the order of OpenRTB's object list. */
export function mediaTypesOf(imp: Imp): MediaType[] {
  const types: MediaType[] = [];
  if (imp.banner) types.push('banner');
  if (imp.video) types.push('video');
  if (imp.audio) types.push('audio');
  if (imp.native) types.push('native');
  return types;
}
