/** What was found wrong: by rule, the first few in words and the rest as a number. */

/** One cause breaks a rule for hundreds of auctions; a person needs a few of them. */
const SHOWN_MAX = 5;

export class Violations {
  readonly #byRule = new Map<string, string[]>();

  add(rule: string, text: string): void {
    const known = this.#byRule.get(rule);
    if (known) known.push(text);
    else this.#byRule.set(rule, [text]);
  }

  lines(): string[] {
    return [...this.#byRule].flatMap(([rule, texts]) => {
      const lines = texts.slice(0, SHOWN_MAX).map((text) => `${rule}: ${text}`);
      const more = texts.length - SHOWN_MAX;
      return more > 0 ? [...lines, `${rule}: ${more} more`] : lines;
    });
  }
}
