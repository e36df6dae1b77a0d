/**
 * Whether markup may load on a page of `https`: only what has `http://` addresses and no `https://`
 * one may not. Mixed markup may, as links may lead anywhere, and XML namespaces are names, not addresses.
 */
export function mayLoadSecurely(adm: string): boolean {
  if (adm.includes('https://')) return true;
  let at = adm.indexOf(INSECURE);
  while (at !== -1 && adm.startsWith(NAMESPACE, at + INSECURE.length)) {
    at = adm.indexOf(INSECURE, at + INSECURE.length);
  }
  return at === -1;
}
const INSECURE = 'http://';
const NAMESPACE = 'www.w3.org/';
