/** Advertiser domains of a bid against the publisher's `badv` and the deal's `wadomain`. */
import { dnsName } from '#shared/model/bare-domain.ts';
import type { Deal } from '#shared/model/openrtb.ts';
import { lookOnce } from './long-lists.ts';
import { LOSS, type Refusal, refuse } from './loss-reasons.ts';
import { quoted } from './wording.ts';

/** Longest domain name there is (RFC 1035). */
const DOMAIN_LENGTH_MAX = 253;
const DOT = '.'.charCodeAt(0);

/**
 * A name in either list stands for the domain and all below it. Every domain of the bid counts: one
 * blocked domain refuses it, and a deal takes it only with all of them listed.
 *
 * Where a list applies, a bid has to name its advertiser, as a bare domain: `https://ford.com/` or
 * `ford.com.` would slip past a list that says `ford.com`.
 */
export function advertiserRefusal(
  adomain: readonly string[],
  badv: readonly string[] | undefined,
  deal: Deal | undefined,
): Refusal | undefined {
  const blocked = badv ?? [];
  const allowed = deal?.wadomain ?? [];
  if (blocked.length === 0 && allowed.length === 0) return undefined;
  if (adomain.length === 0) {
    const list = blocked.length > 0 ? 'badv' : 'wadomain';
    return refuse(LOSS.missingApprovalData, `Bid names no advertiser domain to check by ${list}`);
  }
  for (const named of adomain) {
    const domain = domainOf(named);
    if (domain === undefined) {
      const rule = `Advertiser domain ${quoted(named)} is not a domain name`;
      return refuse(LOSS.invalidAdvertiserDomain, rule);
    }
    const block = lookOnce(blocked, domain, coveringName);
    if (block !== undefined) {
      const rule = `Advertiser domain ${quoted(named)} is blocked by badv ${quoted(block)}`;
      return refuse(LOSS.advertiserExcluded, rule);
    }
    if (allowed.length > 0 && lookOnce(allowed, domain, coveringName) === undefined) {
      const rule = `Advertiser domain ${quoted(named)} is not allowed in deal ${quoted(deal!.id)}`;
      return refuse(LOSS.notAllowedInDeal, rule);
    }
  }
  return undefined;
}

/**
 * The first of the names that is `domain` or above it, in any case of letters. Lists have thousands
 * of names: length and one character rule out nearly all of them before any text is made.
 */
function coveringName(names: readonly string[], domain: string): string | undefined {
  for (const name of names) {
    const start = domain.length - name.length;
    if (start < 0 || name.length === 0) continue;
    if (start > 0 && domain.charCodeAt(start - 1) !== DOT) continue;
    if (domain.endsWith(name)) return name;
    if (domain.slice(start).toLowerCase() === name.toLowerCase()) return name;
  }
  return undefined;
}

/**
 * As lists have it; undefined for what is none: letters, digits, hyphens and underscores between single
 * dots. Names in other scripts pass, and are compared as the DNS has them.
 */
function domainOf(value: string): string | undefined {
  if (value.length === 0 || value.length > DOMAIN_LENGTH_MAX) return undefined;
  let previous = DOT;
  let isForeign = false;
  for (let i = 0; i < value.length; i++) {
    const code = value.charCodeAt(i);
    if (code === DOT ? previous === DOT : !isLabelCharacter(code)) return undefined;
    if (code > 127) isForeign = true;
    previous = code;
  }
  if (previous === DOT) return undefined;
  return isForeign ? dnsName(value) : value;
}

function isLabelCharacter(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 48 && code <= 57) || code === 45 ||
    (code >= 65 && code <= 90) || code === 95 || code > 127;
}
