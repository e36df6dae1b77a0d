/**
 * Whether markup may load on a page of `https`: only what has `http://` addresses and no `https://`
 * one may not. Mixed markup may, as links may lead anywhere, and XML namespaces are names, not addresses.
 */
export function mayLoadSecurely(adm: string): boolean {
  if (adm.includes(SECURE)) return true;
  // JSON and scripts may write `\/` for each slash, and schemes are the same in capitals.
  const text = adm.replaceAll('\\/', '/').toLowerCase();
  if (text.includes(SECURE)) return true;
  let at = text.indexOf(INSECURE);
  while (at !== -1 && text.startsWith(NAMESPACE, at + INSECURE.length)) {
    at = text.indexOf(INSECURE, at + INSECURE.length);
  }
  return at === -1;
}
const SECURE = 'https://';
const INSECURE = 'http://';
const NAMESPACE = 'www.w3.org/';
