/** The first start loads demo campaigns and publishers, as the events every configuration is made of. */
import type { CatalogView } from '#shared/catalog-view.ts';
import { demoCatalog } from '#shared/demo/catalog.ts';

/** Set once; a campaign deleted later does not come back with the next start. */
const MARKER = 'demo-data';

/** @returns whether it was loaded now. */
export async function loadDemoData(
  catalog: CatalogView,
  now: number = Date.now(),
): Promise<boolean> {
  if (catalog.current.marker.has(MARKER)) return false;
  const marker = {
    v: 1,
    at: now,
    actor: 'demo',
    kind: 'marker',
    id: MARKER,
    value: { id: MARKER },
  } as const;
  await catalog.publish([...demoCatalog(now), marker]);
  return true;
}
