/**
 * Puts another map in the place of one that a runtime keeps inside an object of its own, under a symbol:
 * `owner[symbol][field]`. Where that is no Map it does nothing: another version may do it otherwise.
 * @param make what the runtime can use as it does the Map; it is still empty
 */
export function replaceInnerMap(owner: object, field: string, make: () => unknown): void {
  for (const name of Object.getOwnPropertySymbols(owner)) {
    const inner: unknown = (owner as Record<symbol, unknown>)[name];
    if (hasMap(inner, field)) inner[field] = make();
  }
}

/** A Map of a runtime may have lost its prototype, and is none to `instanceof`. */
function hasMap(inner: unknown, field: string): inner is Record<string, unknown> {
  return typeof inner === 'object' && inner !== null && field in inner &&
    Object.prototype.toString.call((inner as Record<string, unknown>)[field]) === '[object Map]';
}
