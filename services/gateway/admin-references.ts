/**
 * Whether what an entity names is there. Asked at the door only: what an entity names may be removed
 * later, and then it bids no more.
 */
import type { Catalog } from '#shared/model/catalog.ts';
import { error, type Finding } from '#shared/model/finding.ts';
import type { Ext } from '#shared/model/openrtb.ts';
import { AN_ID, ID, type OpenKind } from './admin-shapes.ts';

/** Names told of those that exist: enough to see a slip of the keyboard, few enough to read. */
const NAMES_MAX = 8;

/** Nothing is said of a field that is no text: its shape is wrong, which is told anyway. */
export function referenceErrors(kind: OpenKind, json: Ext, catalog: Catalog): Finding[] {
  switch (kind) {
    case 'bidder':
      return groupErrors(json['group'], catalog);
    case 'campaign':
      return missing('seat', json['seat'], 'bidder', catalog);
    case 'creative':
      return missing('campaignId', json['campaignId'], 'campaign', catalog);
    case 'key':
      return json['role'] === 'publisher'
        ? missing('owner', json['owner'], 'publisher', catalog)
        : [];
    case 'publisher':
      return [];
  }
}

/** A group is what its bidders say it is: a new name makes a new one, and needs to be a good one. */
function groupErrors(group: unknown, catalog: Catalog): Finding[] {
  if (typeof group !== 'string' || ID.test(group)) return [];
  const groups = new Set([...catalog.bidder.values()].map((bidder) => bidder.group));
  if (groups.has(group)) return [];
  return [
    error(
      'group',
      group,
      `${AN_ID}${groups.size > 0 ? `; there are ${some(groups)}` : ''}`,
      'house',
    ),
  ];
}

/** A seat that is not active may get campaigns, and so on: they wait with it. */
function missing(
  path: string,
  id: unknown,
  kind: 'bidder' | 'campaign' | 'publisher',
  catalog: Catalog,
): Finding[] {
  const known: ReadonlyMap<string, unknown> = catalog[kind];
  if (typeof id !== 'string' || known.has(id)) return [];
  if (known.size === 0) {
    const fix = `There is none yet: PUT /admin/${kind}/ID comes first`;
    return [error(path, id, `the id of a ${kind}`, 'house', fix)];
  }
  const fix = `GET /admin/${kind} lists them`;
  return [error(path, id, `the id of a ${kind}: ${some(known.keys())}`, 'house', fix)];
}

function some(names: Iterable<string>): string {
  const all = [...names].sort();
  const more = all.length - NAMES_MAX;
  const first = all.slice(0, NAMES_MAX).join(', ');
  return more > 0 ? `${first} and ${more} more` : first;
}
