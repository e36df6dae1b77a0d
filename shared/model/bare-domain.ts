/** Domains as lists of advertisers need them: in small letters, with nothing around them. */

/** Names in other scripts pass. `www.com` is a name, `www.ford.com` is `ford.com` with something before it. */
const BARE = /^(?!www\.[^.]+\.)[a-z0-9_\u0080-\uffff-]+(?:\.[a-z0-9_\u0080-\uffff-]+)*$/;
/** Scheme, user, `*.`, `.` and `www.` before a name; port, path and the dot of the root behind it. */
const AROUND =
  /^(?:(?:[a-z][a-z0-9+.-]*:)?\/\/)?(?:[^/?#@]*@)?(?:\*?\.)?(?:www\.(?=[^/?#:.]+\.[^/?#:.]))?([^/?#:]+?)\.?(?:[/?#:].*)?$/s;

export function isBareDomain(text: string): boolean {
  return BARE.test(text);
}

/** The domain that `text` must mean; undefined where it names none. */
export function bareDomain(text: string): string | undefined {
  const name = AROUND.exec(text.trim().toLowerCase())?.[1];
  return name !== undefined && BARE.test(name) ? name : undefined;
}
