/**
 * The simple form of a request: what a page knows, without OpenRTB. It is translated here and
 * then checked like any OpenRTB request; findings name the fields of the simple form.
 */
import { z } from 'zod';
import { error, type Finding, FINDINGS_MAX } from '#shared/model/finding.ts';
import { type Format, type Imp } from '#shared/model/openrtb.ts';
import { IMP_COUNT_MAX, parseBidRequest, type ParsedRequest } from '#shared/model/openrtb-parse.ts';
import { explain, number, object, shape, strings, text, whole } from '#shared/model/shapes.ts';

/** What a request without slots asks for. */
const DEFAULT_SLOT: Slot = { id: '1' };
const DEFAULT_FORMATS = ['300x250'];
/** Five digits a side: no screen is larger. */
const SIZE = /^([1-9]\d{0,4})x([1-9]\d{0,4})$/;
/** A host, perhaps with a port: what can stand between `https://` and `/`. */
const HOST = /^[^\s/?#@:\\]+(:\d{1,5})?$/;

const Slot = shape({
  id: text,
  /** Decimal CPM. */
  min_bid: number.nullish(),
  format: strings.nullish(),
});
type Slot = z.infer<typeof Slot>;

/** `site`, `app`, `device`, `user` and `regs` hold what they hold in OpenRTB, and are checked there. */
const SimpleBid = z.compile(z.object({
  request_id: text.nullish(),
  user_id: text.nullish(),
  site: shape({ domain: text }).nullish(),
  app: object.nullish(),
  device: object.nullish(),
  user: object.nullish(),
  regs: object.nullish(),
  tmax: whole.nullish(),
  test: z.literal([0, 1], { error: '0 or 1' }).nullish(),
  ad_slots: z.array(Slot, { error: 'a list of slots' }).nullish(),
}, { error: 'a JSON object' }));
type SimpleBid = z.infer<typeof SimpleBid>;

/**
 * Checks a request in the simple form and translates it.
 * @param makeRequestId gives an id to a request without one.
 */
export function parseSimpleBid(
  json: unknown,
  makeRequestId: () => string,
): ParsedRequest {
  const count = slotCount(json);
  if (count === 0 || count > IMP_COUNT_MAX) {
    const { ad_slots: slots } = json as SimpleBid;
    const allowed = `a list of 1 to ${IMP_COUNT_MAX} slots`;
    return { ok: false, findings: [error('ad_slots', slots, allowed, 'house')] };
  }
  if (!SimpleBid.validate(json)) {
    return { ok: false, findings: explain(SimpleBid, json, '', () => 'house') };
  }
  const findings = checkSimple(json);
  if (findings.length > 0) return { ok: false, findings: findings.slice(0, FINDINGS_MAX) };
  const result = parseBidRequest(translate(json, makeRequestId));
  const inOurs = (found: Finding): Finding => inSimpleTerms(found, json);
  return result.ok
    ? { ...result, warnings: result.warnings.map(inOurs) }
    : { ...result, findings: result.findings.map(inOurs) };
}

/** How many slots are asked for; one where the list is absent or no list. */
function slotCount(json: unknown): number {
  const slots = (json as SimpleBid | null | undefined)?.ad_slots;
  return Array.isArray(slots) ? slots.length : 1;
}

/** What the simple form asks beyond OpenRTB. */
function checkSimple({ site, app, ad_slots: slots }: SimpleBid): Finding[] {
  const findings: Finding[] = [];
  if (!site && !app) findings.push(error('site', site, 'site or app present', 'house'));
  if (site && !HOST.test(site.domain)) {
    const allowed = 'a host name, such as "example.com"';
    findings.push(error('site.domain', site.domain, allowed, 'house'));
  }
  slots?.forEach(({ format }, i) => {
    if (!format) return;
    const path = `ad_slots[${i}].format`;
    if (format.length === 0) {
      findings.push(error(path, format, 'a list of at least one size', 'house'));
    }
    format.forEach((size, j) => {
      if (SIZE.test(size)) return;
      const allowed = 'a size as "300x250", each side from 1 to 99999';
      findings.push(error(`${path}[${j}]`, size, allowed, 'house'));
    });
  });
  return findings;
}

function translate(simple: SimpleBid, makeRequestId: () => string): unknown {
  const { site, app, device, user, regs, tmax, test } = simple;
  const request: Record<string, unknown> = {
    id: simple.request_id ?? makeRequestId(),
    imp: (simple.ad_slots ?? [DEFAULT_SLOT]).map(toImp),
  };
  if (site) request.site = { ...site, page: pageOf(site) };
  if (app) request.app = app;
  if (device) request.device = device;
  if (simple.user_id) request.user = { ...user, id: simple.user_id };
  else if (user) request.user = user;
  if (regs) request.regs = regs;
  if (tmax !== null && tmax !== undefined) request.tmax = tmax;
  if (test) request.test = test;
  return request;
}

function toImp({ id, min_bid: floor, format }: Slot): Imp {
  const imp: Imp = { id, banner: { format: (format ?? DEFAULT_FORMATS).map(toFormat) } };
  if (floor !== null && floor !== undefined) imp.bidfloor = floor;
  return imp;
}

function toFormat(size: string): Format {
  const [, w, h] = SIZE.exec(size)!;
  return { w: Number(w), h: Number(h) };
}

/** The page, where the sender does not say: the site's front page. */
function pageOf(site: { domain: string; page?: unknown }): unknown {
  return site.page ?? `https://${site.domain}/`;
}

/** Where a field of the translation came from, as `[path in OpenRTB, path in the simple form]`. */
const ORIGINS: readonly (readonly [RegExp, string])[] = [
  [/^id$/, 'request_id'],
  [/^imp\[(\d+)\]\.id$/, 'ad_slots[$1].id'],
  [/^imp\[(\d+)\]\.bidfloor$/, 'ad_slots[$1].min_bid'],
];

function inSimpleTerms(finding: Finding, simple: SimpleBid): Finding {
  if (finding.path === 'user.id' && simple.user_id) return { ...finding, path: 'user_id' };
  for (const [pattern, origin] of ORIGINS) {
    if (pattern.test(finding.path)) {
      return { ...finding, path: finding.path.replace(pattern, origin) };
    }
  }
  return finding;
}
