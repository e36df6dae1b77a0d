/** The valid requests of this folder, fresh at each call: parsing completes a request in place. */
import { readdirSync, readFileSync } from 'node:fs';

const FOLDER = new URL('./', import.meta.url);
const NAMES = readdirSync(FOLDER).filter((name) => name.endsWith('.json')).sort();

export const SAMPLES: readonly { name: string; text: string }[] = NAMES.map((name) => ({
  name: name.replace('.json', ''),
  text: readFileSync(new URL(name, FOLDER), 'utf8'),
}));

/** Sets what is at a path like `imp[0].banner.w`; undefined removes it. Makes objects on the way. */
export function setAt(root: unknown, path: string, value: unknown): void {
  const keys = path.split(/[.[\]]+/).filter((key) => key !== '');
  let at = root as Record<string, unknown>;
  for (const key of keys.slice(0, -1)) at = (at[key] ??= {}) as Record<string, unknown>;
  const last = keys.at(-1)!;
  if (value === undefined) delete at[last];
  else at[last] = value;
}
