/**
 * Block lists of thousands of names, against bids on a hundred imps: looked through for each bid, they would
 * hold the process for half a second, in which no other auction closes. The bids name a few advertisers
 * and categories, the same on every imp, so each of these is looked for once.
 */

/** Names from which remembering is worth its while. */
const LONG_FROM = 64;

/** What was found in a list, by what was looked for; as long as its request lives. */
const found = new WeakMap<readonly string[], Map<string, string | undefined>>();

/** What `look` gives for the text in the list. @param look MUST depend on these two only */
export function lookOnce(
  list: readonly string[],
  text: string,
  look: (list: readonly string[], text: string) => string | undefined,
): string | undefined {
  if (list.length < LONG_FROM) return look(list, text);
  let known = found.get(list);
  if (known === undefined) found.set(list, known = new Map());
  if (!known.has(text)) known.set(text, look(list, text));
  return known.get(text);
}
