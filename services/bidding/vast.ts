/** What VAST markup says of itself, as far as players ask: found in the text, nothing is parsed. */

/** AdCOM 1.0, List: Creative Subtypes - Audio/Video: with the ad in it, and as a wrapper that names where it is. */
const PROTOCOLS_OF_VAST: Readonly<Record<string, readonly [inline: number, wrapper: number]>> = {
  '1.0': [1, 4],
  '2.0': [2, 5],
  '3.0': [3, 6],
  '4.0': [7, 8],
  '4.1': [11, 12],
  '4.2': [13, 14],
  '4.3': [15, 16],
};

/** The OpenRTB protocol of VAST markup, 0 where the markup is none or of a version not listed. */
export function vastProtocol(adm: string): number {
  const version = /<VAST[^>]*\sversion=["'](\d\.\d)["']/.exec(adm)?.[1];
  const [inline, wrapper] = PROTOCOLS_OF_VAST[version ?? ''] ?? [0, 0];
  return /<Wrapper[\s>]/.test(adm) ? wrapper : inline;
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
