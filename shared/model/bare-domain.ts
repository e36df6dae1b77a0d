/** Domains as lists of advertisers need them: as the DNS has them, in small letters, with nothing around them. */

/** `www.com` is a name, `www.ford.com` is `ford.com` with something before it. */
const BARE = /^(?!www\.[^.]+\.)[a-z0-9_-]+(?:\.[a-z0-9_-]+)*$/;
/** In other scripts, at least in part. */
const FOREIGN = /^[\w.-]*[\u0080-\uffff][\w.\u0080-\uffff-]*$/;
/**
 * No label of the DNS has more than 63 characters (RFC 1035), and to write a long one in ASCII takes time by the
 * square of its length: 16 of 5,000 each, which a request has room for, would hold the process for a second.
 */
const LONG_LABEL = /[^.]{64}/u;
/** Scheme, user, `*.`, `.` and `www.` before a name; port, path and the dot of the root behind it. */
const AROUND =
  /^(?:(?:[a-z][a-z0-9+.-]*:)?\/\/)?(?:[^/?#@]*@)?(?:\*?\.)?(?:www\.(?=[^/?#:.]+\.[^/?#:.]))?([^/?#:]+?)\.?(?:[/?#:].*)?$/s;

export function isBareDomain(text: string): boolean {
  return BARE.test(text);
}

/** The domain that `text` must mean; undefined where it names none. */
export function bareDomain(text: string): string | undefined {
  const named = AROUND.exec(text.trim().toLowerCase())?.[1];
  if (named === undefined) return undefined;
  const name = dnsName(named);
  return BARE.test(name) ? name : undefined;
}

/** `bücher.example` is `xn--bcher-kva.example` in the DNS; what is in ASCII, or no name, stays as it is. */
export function dnsName(name: string): string {
  if (!FOREIGN.test(name) || LONG_LABEL.test(name)) return name;
  return URL.parse(`http://${name}`)?.hostname ?? name;
}
