import { createHash } from 'node:crypto';
import { DataSource } from 'typeorm';

/** Runs one statement on a connection of its own. */
export async function query<Row extends object>(url: string, sql: string): Promise<Row[]> {
  const source = await new DataSource({ type: 'postgres', url }).initialize();
  try {
    return await source.query(sql);
  } finally {
    await source.destroy();
  }
}

/** sha256 over the rows of the builds projection's tables, ordered by key, and how many there are. */
export async function digestOf(url: string, schema: string): Promise<{ sha256: string; rows: number }> {
  const hash = createHash('sha256');
  let count = 0;
  for (const [table, key] of [
    ['build', 'id'],
    ['waiting', 'build'],
  ]) {
    const rows = await query<{ row: string }>(
      url,
      `SELECT row_to_json(t)::text AS row FROM "${schema}".${table} t ORDER BY ${key}`,
    );
    for (const { row } of rows) hash.update(`${table} ${row}\n`);
    count += rows.length;
  }
  return { sha256: hash.digest('hex'), rows: count };
}
