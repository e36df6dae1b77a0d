/** The edge where what an administrator sends becomes an entity of the catalog. */
import { type Catalog, type ConfigChange, ENTITIES } from '#shared/model/catalog.ts';
import { error, type Finding, FINDINGS_MAX } from '#shared/model/finding.ts';
import { nativeAdErrors } from '#shared/model/native-ad.ts';
import type { Ext } from '#shared/model/openrtb.ts';
import { explain, isObject } from '#shared/model/shapes.ts';
import { idRule, type OpenKind, shapeOf } from './admin-shapes.ts';
import { referenceErrors } from './admin-references.ts';

export type Entity = NonNullable<Extract<ConfigChange, { kind: OpenKind }>['value']>;

/**
 * All that is wrong with `json` as the whole of entity `id`, or the entity with its defaults. Fields
 * that are unknown come first: a misspelt one explains why another is missing. Nothing is thrown.
 *
 * @param json as `readJson` gave it; it may hold `id`, which is the address's then
 * @param catalog says what may be named; an id it has already may be any, so that whatever came in
 *   before there was a rule can be changed
 */
export function parseEntity(
  kind: OpenKind,
  id: string,
  json: unknown,
  catalog: Catalog,
): { ok: true; entity: Entity } | { ok: false; findings: Finding[] } {
  if (!isObject(json)) return { ok: false, findings: [error('', json, 'a JSON object', 'house')] };
  const { id: ownId, ...fields } = json;
  const shape = shapeOf(kind, fields);
  const findings = [
    ...idErrors(kind, id, ownId, catalog),
    ...unknownFields(shape, fields, kind),
  ];
  const parsed = shape.safeParse(fields);
  if (!parsed.success) findings.push(...explain(shape, fields, '', () => 'house'));
  findings.push(...referenceErrors(kind, fields, catalog), ...markupErrors(kind, fields));
  if (!parsed.success || findings.length > 0) {
    return { ok: false, findings: findings.slice(0, FINDINGS_MAX) };
  }
  // The model's own shape fills in what may be left out, as it does for whoever folds the change.
  return { ok: true, entity: ENTITIES[kind].parse({ ...parsed.data, id }) };
}

function idErrors(kind: OpenKind, id: string, ownId: unknown, catalog: Catalog): Finding[] {
  const findings: Finding[] = [];
  const { pattern, allowed } = idRule(kind);
  if (!pattern.test(id) && !catalog[kind].has(id)) {
    const fix = 'It is the end of the address';
    findings.push(error('id', id, allowed, 'house', fix));
  }
  if (ownId !== undefined && ownId !== id) {
    findings.push(
      error('id', ownId, `${JSON.stringify(id)}, as in the address, or nothing`, 'house'),
    );
  }
  return findings;
}

/** Only native markup has parts that bids are made of; other markup goes to the player as it is. */
function markupErrors(kind: OpenKind, { type, adm }: Ext): Finding[] {
  if (kind !== 'creative' || type !== 'native' || typeof adm !== 'string') return [];
  // Without a sign it is none, which is told anyway.
  if (adm.trim() === '') return [];
  return nativeAdErrors(adm, 'adm');
}

/** At any depth; what is wrong with the known ones is said elsewhere. */
function unknownFields(
  { shape }: ReturnType<typeof shapeOf>,
  json: Ext,
  what: string,
  path = '',
): Finding[] {
  const names = Object.keys(shape);
  return Object.entries(json).flatMap(([key, value]) => {
    if (!Object.hasOwn(shape, key)) {
      const allowed = `a field of ${what}: ${names.join(', ')}`;
      return [error(path + key, value, allowed, 'house')];
    }
    const inner = shape[key]!;
    return 'shape' in inner && isObject(value)
      ? unknownFields(inner as ReturnType<typeof shapeOf>, value, key, `${path}${key}.`)
      : [];
  });
}
