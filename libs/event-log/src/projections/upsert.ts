import type { EntityManager, EntityMetadata, ObjectLiteral } from 'typeorm';
import { quoted } from './position.js';

/**
 * Writes whole rows, new or not, in one statement with one parameter. A property without a value becomes null.
 * Far quicker than an insert that names each value (bench/event-log.ts).
 */
export async function upsertRows(
  manager: EntityManager,
  metadata: EntityMetadata,
  keyProperty: string,
  rows: readonly ObjectLiteral[],
): Promise<void> {
  if (!rows.length) return;
  const table = [metadata.schema, metadata.tableName].flatMap(name => (name ? [quoted(name)] : [])).join('.');
  const columns = metadata.columns.map(column => quoted(column.databaseName));
  const key = metadata.columns.find(column => column.propertyName === keyProperty);
  if (!key) throw new TypeError(`${metadata.name} has no property ${keyProperty}.`);
  const updates = columns.map(name => `${name} = EXCLUDED.${name}`);
  await manager.query(
    `INSERT INTO ${table} (${columns})
     SELECT ${columns} FROM jsonb_populate_recordset(NULL::${table}, $1::jsonb)
     ON CONFLICT (${quoted(key.databaseName)}) DO UPDATE SET ${updates}`,
    [json(rows.map(row => databaseRow(row, metadata)))],
  );
}

/** A row under the table's column names, its values as the columns' transformers want them stored. */
function databaseRow(row: ObjectLiteral, { columns }: EntityMetadata): ObjectLiteral {
  return Object.fromEntries(
    columns.map(column => [column.databaseName, column.getEntityValue(row, true) ?? null]),
  );
}

/**
 * JSON that PostgreSQL takes. Neither text nor jsonb can hold a NUL or half of a surrogate pair, and an event from
 * a hostile package may: then they are replaced, so that it stops no projection.
 */
function json(rows: readonly ObjectLiteral[]): string {
  const text = JSON.stringify(rows);
  return /\\u(0000|d[89a-f])/.test(text) ? JSON.stringify(storable(rows)) : text;
}

function storable(value: unknown): unknown {
  if (typeof value === 'string') return value.toWellFormed().replaceAll('\0', '\ufffd');
  if (Array.isArray(value)) return value.map(storable);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, held]) => [storable(name), storable(held)]));
}
