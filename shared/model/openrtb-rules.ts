/**
 * What the fields of a bid request must be together: the demands of the text and the house rules
 * of docs/openrtb.md. Runs on every request: a rule that holds costs a comparison, and paths are
 * only made where a rule is broken. The types have been checked before (`openrtb-schema.ts`).
 */
import { bareDomain, dnsName, isBareDomain } from './bare-domain.ts';
import { error, type Finding, shown, warning } from './finding.ts';
import { checkImp } from './openrtb-imp-rules.ts';
import type { App, BidRequest, Device, Dooh, Geo, Site, User } from './openrtb.ts';
import { checkId, checkIdIfAny, has, negative, nonEmpty, type Out } from './openrtb-checks.ts';
import { CURRENCY } from './money.ts';

/** Adds what is wrong with `request` to `out`. */
export function checkRequest(request: BidRequest, out: Finding[]): void {
  checkId(request.id, '', 'id', '3.2.1', out);
  checkImps(request, out);
  checkInventory(request, out);
  checkLists(request, out);
  checkAuction(request, out);
  if (request.device) checkDevice(request.device, out);
  if (request.user) checkUser(request.user, out);
  if (request.regs) checkRegs(request.regs, out);
}

function checkImps({ imp }: BidRequest, out: Out): void {
  if (imp.length === 0) out.push(error('imp', imp, 'a list of at least one imp', '3.2.1'));
  for (let i = 0; i < imp.length; i++) checkImp(imp[i]!, `imp[${i}]`, out);
  if (imp.length < 2) return;
  const seen = new Set<string>();
  for (let i = 0; i < imp.length; i++) {
    const { id } = imp[i]!;
    if (seen.has(id)) {
      out.push(error(`imp[${i}].id`, id, 'an id that the request has only once', '3.2.4'));
    }
    seen.add(id);
  }
}

/** Where the ads will be: one of site, app and dooh. */
function checkInventory({ site, app, dooh }: BidRequest, out: Out): void {
  const only = 'only one of site, app and dooh present';
  if (site && (app || dooh)) out.push(error('site', site, only, '3.2.13'));
  else if (app && dooh) out.push(error('app', app, only, '3.2.14'));
  else if (!site && !app && !dooh) {
    out.push(error('site', undefined, 'one of site, app and dooh present', 'house'));
  }
  if (site) checkSite(site, out);
  if (app) checkApp(app, out);
  if (dooh) checkDooh(dooh, out);
}

function checkSite(site: Site, out: Out): void {
  if (!has(site.id) && !has(site.page)) {
    out.push(error('site.page', site.page, 'a URL, where site.id is absent', 'house'));
  }
  checkIdIfAny(site.id, 'site', 'id', out);
  checkIdIfAny(site.domain, 'site', 'domain', out);
  checkIdIfAny(site.publisher?.id, 'site.publisher', 'id', out);
}

function checkApp(app: App, out: Out): void {
  checkIdIfAny(app.id, 'app', 'id', out);
  checkIdIfAny(app.bundle, 'app', 'bundle', out);
  checkIdIfAny(app.domain, 'app', 'domain', out);
  checkIdIfAny(app.publisher?.id, 'app.publisher', 'id', out);
}

function checkDooh(dooh: Dooh, out: Out): void {
  if (!has(dooh.id) && !nonEmpty(dooh.venuetype)) {
    out.push(error('dooh.id', dooh.id, 'an id, where dooh.venuetype is absent', 'house'));
  }
  checkIdIfAny(dooh.id, 'dooh', 'id', out);
  checkIdIfAny(dooh.domain, 'dooh', 'domain', out);
  checkIdIfAny(dooh.publisher?.id, 'dooh.publisher', 'id', out);
}

/** An allow list and a block list of the same thing cannot both hold. Empty lists say nothing. */
function checkLists(request: BidRequest, out: Out): void {
  const { acat, bcat, wseat, bseat, wlang, wlangb, cur } = request;
  if (nonEmpty(acat) && nonEmpty(bcat)) {
    out.push(error('bcat', bcat, 'absent beside acat', '3.2.1'));
  }
  if (nonEmpty(wseat) && nonEmpty(bseat)) {
    out.push(error('bseat', bseat, 'absent beside wseat', '3.2.1'));
  }
  if (nonEmpty(wlang) && nonEmpty(wlangb)) {
    out.push(error('wlangb', wlangb, 'absent beside wlang', '3.2.1'));
  }
  checkBlockLists(request, out);
  if (nonEmpty(cur) && !cur!.includes(CURRENCY)) {
    const fix = `Add "${CURRENCY}", or leave cur out: currencies are not converted yet`;
    out.push(error('cur', cur, `a list with "${CURRENCY}"`, 'house', fix));
  }
}

/** What could not block anything as it stands is taken as it was meant, or told: a list that blocks nothing is sold past. */
function checkBlockLists({ badv, acat, bcat, cattax }: BidRequest, out: Out): void {
  if (badv !== undefined) checkAdvertisers(badv, out);
  if (cattax !== undefined && cattax !== 1 && (nonEmpty(acat) || nonEmpty(bcat))) {
    const fix = 'Categories are compared as they are written';
    out.push(warning('cattax', cattax, '1, the taxonomy of the ads here', '3.2.1', fix));
  }
}

/** Leaves the domains as the DNS has them and in small letters, as bidders have theirs. */
function checkAdvertisers(badv: string[], out: Out): void {
  for (let i = 0; i < badv.length; i++) {
    const entry = badv[i]!;
    if (isBareDomain(entry)) continue;
    const written = dnsName(entry.toLowerCase());
    const domain = bareDomain(written);
    if (domain !== undefined) badv[i] = domain;
    if (domain === written) continue;
    const fix = domain === undefined ? 'It blocks nobody' : `Taken as ${shown(domain)}`;
    out.push(warning(`badv[${i}]`, entry, 'a domain, such as "example.com"', '3.2.1', fix));
  }
}

function checkAuction({ at, tmax }: BidRequest, out: Out): void {
  if (at !== undefined && at !== 1 && at !== 2) {
    const fix = 'The auction is run as 2, second price plus';
    out.push(warning('at', at, '1 (first price) or 2 (second price plus)', '3.2.1', fix));
  }
  if (tmax! < 0) out.push(error('tmax', tmax, 'a whole number of at least 0 (ms)', 'house'));
}

function checkDevice(device: Device, out: Out): void {
  if (device.w! < 0 || device.h! < 0 || device.ppi! < 0) {
    negative(device, ['w', 'h', 'ppi'], 'device', out);
  }
  if (device.geo) checkGeo(device.geo, 'device.geo', out);
}

function checkUser(user: User, out: Out): void {
  checkIdIfAny(user.id, 'user', 'id', out);
  checkIdIfAny(user.buyeruid, 'user', 'buyeruid', out);
  if (user.geo) checkGeo(user.geo, 'user.geo', out);
}

function checkGeo(geo: Geo, path: string, out: Out): void {
  checkIdIfAny(geo.country, path, 'country', out);
  if (geo.accuracy! < 0) negative(geo, ['accuracy'], path, out);
  if (Math.abs(geo.lat!) > 90) {
    out.push(warning(`${path}.lat`, geo.lat, 'a latitude from -90 to 90', '3.2.19'));
  }
  if (Math.abs(geo.lon!) > 180) {
    out.push(warning(`${path}.lon`, geo.lon, 'a longitude from -180 to 180', '3.2.19'));
  }
}

/** Flags that decide about privacy: a value that is neither 0 nor 1 must not be guessed at. */
function checkRegs({ gdpr, coppa }: NonNullable<BidRequest['regs']>, out: Out): void {
  if (gdpr !== undefined && gdpr !== 0 && gdpr !== 1) {
    out.push(error('regs.gdpr', gdpr, '0 or 1', '3.2.3'));
  }
  if (coppa !== undefined && coppa !== 0 && coppa !== 1) {
    out.push(error('regs.coppa', coppa, '0 or 1', '3.2.3'));
  }
}
