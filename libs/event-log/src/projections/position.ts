/** A TypeORM query runner, or a transaction's entity manager. */
export interface Queries {
  // biome-ignore lint/suspicious/noExplicitAny: TypeORM's own signature
  query(sql: string, parameters?: any[]): Promise<any>;
}

/** How far a projection has read; written in the transaction that writes its rows. */
export interface Position {
  readonly version: number;
  readonly lastSequence: number;
}

/** Schema names come from code, never from input; quoted all the same. */
export function quoted(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`;
}

/** Makes the schema and its table of positions where they are missing; one process does, others wait for it. */
export async function ensurePositions(manager: Queries, schema: string): Promise<void> {
  const [{ missing }] = await manager.query('SELECT to_regclass($1) IS NULL AS missing', [
    `${quoted(schema)}.projection_position`,
  ]);
  if (!missing) return;
  await manager.query("SELECT pg_advisory_xact_lock(hashtextextended('tumbi projection_position', 0))");
  await manager.query(`CREATE SCHEMA IF NOT EXISTS ${quoted(schema)}`);
  await manager.query(
    `CREATE TABLE IF NOT EXISTS ${quoted(schema)}.projection_position (
       projection text PRIMARY KEY,
       version integer NOT NULL,
       last_sequence bigint NOT NULL
     )`,
  );
}

/** Reads a position; `lock` holds it until the transaction ends, so that one projector writes at a time. */
export async function readPosition(
  runner: Queries,
  schema: string,
  projection: string,
  lock: boolean,
): Promise<Position | undefined> {
  const rows: { version: number; last_sequence: string }[] = await runner.query(
    `SELECT version, last_sequence FROM ${quoted(schema)}.projection_position
     WHERE projection = $1 ${lock ? 'FOR UPDATE' : ''}`,
    [projection],
  );
  const row = rows[0];
  return row && { version: row.version, lastSequence: Number(row.last_sequence) };
}

export async function writePosition(
  runner: Queries,
  schema: string,
  projection: string,
  position: Position,
): Promise<void> {
  await runner.query(
    `INSERT INTO ${quoted(schema)}.projection_position (projection, version, last_sequence)
     VALUES ($1, $2, $3)
     ON CONFLICT (projection) DO UPDATE SET version = $2, last_sequence = $3`,
    [projection, position.version, position.lastSequence],
  );
}
