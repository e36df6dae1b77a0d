/**
 * The shapes of a bid request: which fields the exchange reads, and their types. Ranges, and what
 * several fields must be together, are rules (`openrtb-rules.ts`).
 */
import { z } from 'zod';
import { fieldsOf } from './null-fields.ts';
import type { BidRequest } from './openrtb.ts';
import { shapeCheck } from './shape-check.ts';
import { integers, list, number, object, shape, strings, text, whole } from './shapes.ts';

const oText = text.optional();
const oWhole = whole.optional();
const oNumber = number.optional();
const oStrings = strings.optional();
const oIntegers = integers.optional();
const ext = object.optional();

const format = shape({
  w: oWhole,
  h: oWhole,
  wratio: oWhole,
  hratio: oWhole,
  wmin: oWhole,
  ext,
});

const banner = shape({
  format: list(format).optional(),
  w: oWhole,
  h: oWhole,
  btype: oIntegers,
  battr: oIntegers,
  pos: oWhole,
  mimes: oStrings,
  api: oIntegers,
  ext,
});

const durfloors = list(shape({
  mindur: oWhole,
  maxdur: oWhole,
  bidfloor: oNumber,
  ext,
})).optional();

/** What video and audio have in common. */
const media = {
  mimes: strings,
  minduration: oWhole,
  maxduration: oWhole,
  rqddurs: oIntegers,
  protocols: oIntegers,
  minbitrate: oWhole,
  maxbitrate: oWhole,
  sequence: oWhole,
  maxseq: oWhole,
  mincpmpersec: oNumber,
  durfloors,
  companionad: list(banner).optional(),
  battr: oIntegers,
  api: oIntegers,
  ext,
};

const video = shape({
  ...media,
  w: oWhole,
  h: oWhole,
  plcmt: oWhole,
  linearity: oWhole,
});

const audio = shape(media);

const native = shape({
  request: z.string({ error: 'a string with a Native 1.2 request in JSON' }),
  ver: oText,
  api: oIntegers,
  battr: oIntegers,
  ext,
});

const deal = shape({
  id: text,
  bidfloor: oNumber,
  bidfloorcur: oText,
  at: oWhole,
  wseat: oStrings,
  wadomain: oStrings,
  mincpmpersec: oNumber,
  durfloors,
  ext,
});

const pmp = shape({ private_auction: oWhole, deals: list(deal).optional(), ext });

const imp = shape({
  id: text,
  banner: banner.optional(),
  video: video.optional(),
  audio: audio.optional(),
  native: native.optional(),
  pmp: pmp.optional(),
  instl: oWhole,
  tagid: oText,
  bidfloor: oNumber,
  bidfloorcur: oText,
  secure: oWhole,
  exp: oWhole,
  metric: list(shape({ type: text, value: number, vendor: oText, ext })).optional(),
  ext,
});

const publisher = shape({
  id: oText,
  name: oText,
  domain: oText,
  cat: oStrings,
  ext,
}).optional();

const site = shape({
  id: oText,
  name: oText,
  domain: oText,
  cat: oStrings,
  page: oText,
  ref: oText,
  publisher,
  content: ext,
  keywords: oText,
  ext,
});

const app = shape({
  id: oText,
  name: oText,
  bundle: oText,
  domain: oText,
  storeurl: oText,
  cat: oStrings,
  publisher,
  content: ext,
  ext,
});

const dooh = shape({
  id: oText,
  name: oText,
  venuetype: oStrings,
  domain: oText,
  publisher,
  ext,
});

const geo = shape({
  country: oText,
  region: oText,
  city: oText,
  lat: oNumber,
  lon: oNumber,
  accuracy: oWhole,
  ext,
}).optional();

const device = shape({
  ua: oText,
  ip: oText,
  ipv6: oText,
  devicetype: oWhole,
  make: oText,
  model: oText,
  os: oText,
  osv: oText,
  w: oWhole,
  h: oWhole,
  ppi: oWhole,
  language: oText,
  ifa: oText,
  dnt: oWhole,
  lmt: oWhole,
  geo,
  ext,
});

const user = shape({
  id: oText,
  buyeruid: oText,
  keywords: oText,
  geo,
  consent: oText,
  eids: list(object).optional(),
  ext,
});

const source = shape({ tid: oText, pchain: oText, schain: ext, ext });

const regs = shape({
  coppa: oWhole,
  gdpr: oWhole,
  us_privacy: oText,
  gpp: oText,
  ext,
});

const request = z.object({
  id: text,
  imp: z.array(imp, { error: 'a list of at least one imp' }),
  site: site.optional(),
  app: app.optional(),
  dooh: dooh.optional(),
  device: device.optional(),
  user: user.optional(),
  test: z.literal([0, 1], { error: '0 or 1' }).optional(),
  at: oWhole,
  tmax: oWhole,
  wseat: oStrings,
  bseat: oStrings,
  cur: oStrings,
  wlang: oStrings,
  wlangb: oStrings,
  acat: oStrings,
  bcat: oStrings,
  cattax: oWhole,
  badv: oStrings,
  bapp: oStrings,
  source: source.optional(),
  regs: regs.optional(),
  ext,
}, { error: 'a JSON object' });

/** The annotation makes the compiler compare the shapes with the types in `openrtb.ts`. */
export const BidRequestShape: z.ZodType<BidRequest> = request;
export const hasBidRequestShape = shapeCheck(BidRequestShape);

export const KNOWN_FIELDS: ReadonlySet<string> = new Set(fieldsOf(request));
