/** Brings a table of outcomes that an older version made up to date, and keeps its parts mergeable. */
import {
  FORMER_INDEXES,
  FORMER_PROJECTIONS,
  INDEXES,
  OLD_ROWS_PROJECTIONS,
  PROJECTIONS,
} from './outcome-projections.ts';
import { OUTCOME_SETTINGS } from './storage.ts';
import type { Warehouse } from './warehouse.ts';

type Engine = Pick<Warehouse, 'command' | 'query'>;

const OF_TABLE = `concat(database, '.', table) = {table:String}`;

/**
 * Gives a table what it lacks. Returns at once: the parts it has are worked over in the background,
 * about ten million rows a minute, and are read row by row until then.
 * @param columns that came later, as `name Type … AFTER name`.
 */
export async function renewOutcomes(
  warehouse: Engine,
  table: string,
  columns: readonly string[],
): Promise<void> {
  await giveSettings(warehouse, table, OUTCOME_SETTINGS);
  const ddl = await ddlOf(warehouse, table);
  const has = (name: string): boolean => new RegExp(`\\b${name}\\b`).test(ddl);
  const lacksColumn = columns.some((text) => !has(text.split(' ')[0]!));
  const hasOldRows = lacksColumn || Object.keys(OLD_ROWS_PROJECTIONS).some(has);
  // Of those that need as few marks ClickHouse takes the first.
  const projections = { ...(hasOldRows && OLD_ROWS_PROJECTIONS), ...PROJECTIONS };
  const indexes = Object.entries(INDEXES).filter(([name]) => !has(name));
  const changes = [
    ...columns.filter((text) => !has(text.split(' ')[0]!))
      .map((text) => `ADD COLUMN IF NOT EXISTS ${text}`),
    ...FORMER_PROJECTIONS.filter(has).map((name) => `DROP PROJECTION IF EXISTS ${name}`),
    ...FORMER_INDEXES.filter(has).map((name) => `DROP INDEX IF EXISTS ${name}`),
    ...indexes.map(([name, of]) => `ADD INDEX IF NOT EXISTS ${name} ${of}`),
    ...Object.entries(projections).filter(([name]) => !has(name))
      .map(([name, of]) => `ADD PROJECTION IF NOT EXISTS ${name} (${of})`),
  ];
  if (changes.length > 0) await inBackground(warehouse, table, changes);
  const healed = await healParts(warehouse, table);
  // Parts that lack nothing but an index are not merged for its sake, and nobody else makes it.
  if (!healed && indexes.length > 0) {
    await inBackground(warehouse, table, indexes.map(([name]) => `MATERIALIZE INDEX ${name}`));
  }
}

/** @param settings as `SHOW CREATE` writes them, `name = value`. */
export async function giveSettings(
  warehouse: Engine,
  table: string,
  settings: readonly string[],
): Promise<void> {
  const ddl = await ddlOf(warehouse, table);
  const missing = settings.filter((text) => !ddl.includes(text));
  if (missing.length === 0) return;
  await warehouse.command(`ALTER TABLE ${table} MODIFY SETTING ${missing.join(', ')}`);
}

async function ddlOf(warehouse: Engine, table: string): Promise<string> {
  const [made] = await warehouse.query<{ ddl: string }>(
    `SELECT create_table_query AS ddl FROM system.tables
     WHERE concat(database, '.', name) = {table:String}`,
    { table },
  );
  return made!.ddl;
}

/**
 * Makes what parts lack, in the background, where merges never will: in parts that were merged before
 * the table had the projections, and in the rare young one that merges left behind. Parts merge with
 * neighbours that have the same projections alone, so one left between others would stay for ever.
 * Resolves to whether there was something to make.
 */
export async function healParts(warehouse: Engine, table: string): Promise<boolean> {
  const projections = await warehouse.query<{ name: string }>(
    `SELECT name FROM system.projections WHERE ${OF_TABLE}`,
    { table },
  );
  const [parts] = await warehouse.query<{ stuck: number; mutations: number }>(
    `WITH (SELECT groupArray(parent_name) FROM system.projection_parts
        WHERE active AND ${OF_TABLE}) AS parents
    SELECT countIf(lacks AND (level > 0 OR block < done)) AS stuck,
      (SELECT count() FROM system.mutations WHERE NOT is_done AND ${OF_TABLE}) AS mutations
    FROM (
      SELECT level, min_block_number AS block, countEqual(parents, name) < ${projections.length} AS lacks,
        maxIf(block, NOT lacks) OVER (PARTITION BY partition_id) AS done
      FROM system.parts WHERE active AND ${OF_TABLE})`,
    { table },
  );
  if (parts!.stuck === 0 || parts!.mutations > 0) return false;
  await inBackground(warehouse, table, [
    ...Object.keys(INDEXES).map((name) => `MATERIALIZE INDEX ${name}`),
    ...projections.map(({ name }) => `MATERIALIZE PROJECTION ${name}`),
  ]);
  return true;
}

/** Changes to a table; those of its rows come later. */
async function inBackground(
  warehouse: Engine,
  table: string,
  changes: readonly string[],
): Promise<void> {
  await warehouse.command(`ALTER TABLE ${table} ${changes.join(', ')} SETTINGS mutations_sync = 0`);
}
