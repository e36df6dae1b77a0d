/**
 * Substitution macros (OpenRTB 2.6 §4.4), in notice URLs and in markup alike. The replacement is
 * plain: whatever the syntax around a macro, no value is escaped.
 */

/** The names of the text, without the `AUCTION_` they all begin with. */
const MACROS = [
  'ID',
  'BID_ID',
  'IMP_ID',
  'SEAT_ID',
  'AD_ID',
  'PRICE',
  'CURRENCY',
  'MBR',
  'LOSS',
  'MIN_TO_WIN',
  'MULTIPLIER',
  'IMP_TS',
  'DISCOUNT_PCT',
  'DISCOUNT_CPM',
] as const;
export type MacroName = (typeof MACROS)[number];

/** What is known; a macro whose value is not becomes the empty string, as the text demands. */
export type MacroValues = { readonly [name in MacroName]?: string | number };

const START = '${AUCTION_';
/** A suffix names an encoding, in whatever characters: `${AUCTION_PRICE:B64}`. */
const PATTERN = new RegExp(String.raw`\$\{AUCTION_(${MACROS.join('|')})(:[^}]*)?\}`, 'g');

/** `text` with every macro replaced. Anything that is no macro of the text stays as it is. */
export function substituteMacros(text: string, values: MacroValues): string {
  if (!text.includes(START)) return text;
  return text.replace(PATTERN, (_macro, name: MacroName, encoding?: string) => {
    const value = String(values[name] ?? '');
    if (encoding === undefined) return value;
    // Base64 is the text's own example; an encoding nobody agreed on must not leak the plain value.
    return encoding === ':B64' ? base64(value) : '';
  });
}

function base64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}
