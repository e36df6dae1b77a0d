/** The edge where JSON becomes a bid request. Inside, the types are trusted. */
import { error, type Finding, FINDINGS_MAX, isError } from './finding.ts';
import { CURRENCY } from './money.ts';
import { dropNulls, nullsTaken, withNulls } from './null-fields.ts';
import { checkRequest } from './openrtb-rules.ts';
import { BidRequestShape, hasBidRequestShape, KNOWN_FIELDS } from './openrtb-schema.ts';
import { sectionOf } from './openrtb-sections.ts';
import type { BidRequest } from './openrtb.ts';
import { explain, isObject } from './shapes.ts';

export type { Finding } from './finding.ts';

/**
 * Imps one request may offer. A page with more placements does not exist; a request with more is a
 * crawler's or a mistake, and each imp costs every bidder work (Prebid Server met the same, #4121).
 */
export const IMP_COUNT_MAX = 100;

export type ParsedRequest =
  | { ok: true; request: BidRequest; warnings: Finding[] }
  | { ok: false; findings: Finding[] };

/**
 * Checks a bid request (OpenRTB 2.6 and the house rules of docs/openrtb.md) and completes it.
 *
 * `json` is what `readJson` gave (its bounded depth keeps recursion here safe). The request returned
 * is that very object, with all unknown fields and `ext` as they came; `at` and `bidfloorcur` are
 * filled in and fields that are null are removed, so the caller MUST NOT use `json` afterwards.
 * Nothing is thrown. Of the findings at least one is an error, and errors come first.
 */
export function parseBidRequest(json: unknown): ParsedRequest {
  if (isObject(json) && Array.isArray(json.imp) && json.imp.length > IMP_COUNT_MAX) {
    const allowed = `a list of at most ${IMP_COUNT_MAX} imps`;
    return { ok: false, findings: [error('imp', json.imp, allowed, 'house')] };
  }
  const findings: Finding[] = [];
  if (!hasBidRequestShape(json)) {
    const nulls = dropNulls(json, KNOWN_FIELDS, '');
    if (!hasBidRequestShape(json)) {
      const errors = explain(BidRequestShape, json, '', sectionOf);
      return { ok: false, findings: withNulls(errors, nulls) };
    }
    findings.push(...nullsTaken(nulls));
  }
  const request = json as BidRequest;
  checkRequest(request, findings);
  if (findings.length > 0) {
    if (findings.some(isError)) return { ok: false, findings: inOrder(findings) };
    findings.length = Math.min(findings.length, FINDINGS_MAX);
  }
  complete(request);
  return { ok: true, request, warnings: findings };
}

/** Errors first, as the first one decides; no more than a person reads. */
function inOrder(findings: Finding[]): Finding[] {
  const warnings = findings.filter((finding) => !isError(finding));
  return [...findings.filter(isError), ...warnings].slice(0, FINDINGS_MAX);
}

/**
 * Fills in the defaults the exchange relies on. A floor stays absent where none is named: the
 * auction has its own for that, and a deal without one has that of its imp.
 */
function complete(request: BidRequest): void {
  if (request.at !== 1) request.at = 2;
  for (const imp of request.imp) {
    completeFloor(imp);
    if (imp.pmp?.deals) { for (const deal of imp.pmp.deals) completeFloor(deal); }
  }
}

function completeFloor(floor: { bidfloor?: number; bidfloorcur?: string }): void {
  // Money has no negative zero.
  if (floor.bidfloor === 0) floor.bidfloor = 0;
  if (!floor.bidfloorcur) floor.bidfloorcur = CURRENCY;
}
