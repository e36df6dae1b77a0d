/** What VAST markup says of itself, as far as players ask: found in the text, nothing is parsed. */

/** AdCOM 1.0, List: Creative Subtypes - Audio/Video, of markup with the ad in it (no wrappers). */
const PROTOCOL_OF_VAST: Readonly<Record<string, number>> = {
  '1.0': 1,
  '2.0': 2,
  '3.0': 3,
  '4.0': 7,
  '4.1': 11,
  '4.2': 13,
  '4.3': 15,
};

/** The OpenRTB protocol of VAST markup, 0 where the markup is none or of a version not listed. */
export function vastProtocol(adm: string): number {
  const version = /<VAST[^>]*\sversion=["'](\d\.\d)["']/.exec(adm)?.[1];
  return version === undefined ? 0 : PROTOCOL_OF_VAST[version] ?? 0;
}

/** Seconds that the ad plays, rounded up; undefined where it does not say. */
export function vastSeconds(adm: string): number | undefined {
  const found = /<Duration>\s*(\d+):(\d\d):(\d\d(?:\.\d+)?)\s*<\/Duration>/.exec(adm);
  if (found === null) return undefined;
  return Math.ceil(Number(found[1]) * 3_600 + Number(found[2]) * 60 + Number(found[3]));
}

/** Media types of its files. */
export function vastMimes(adm: string): string[] {
  const types = [...adm.matchAll(/<MediaFile\s[^>]*\btype=["']([^"']+)["']/g)];
  return [...new Set(types.map((found) => found[1]!))];
}
