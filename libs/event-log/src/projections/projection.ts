import type { EventDefinition, LoggedEvent } from '@tumbi/contracts';
import {
  type EntityManager,
  type EntityTarget,
  type FindOptionsWhere,
  In,
  type ObjectLiteral,
} from 'typeorm';
import { upsertRows } from './upsert.js';

/** A read model: rows that are a fold of the log. */
export interface Projection {
  readonly name: string;
  /** Raise it whenever rows would come out differently: they are then made anew, from the first event. */
  readonly version: number;
  readonly events: readonly EventDefinition[];
  /** The tables; no other projection writes them. */
  readonly entities: readonly EntityTarget<ObjectLiteral>[];
  /** Writes what the events change, in their order, within the manager's transaction. */
  apply(events: readonly LoggedEvent[], manager: EntityManager): Promise<void>;
}

/**
 * The usual way to apply events: load the rows they touch, fold in memory, write the rows back at once.
 * @param key the row an event belongs to; undefined when to none
 * @param evolve pure; undefined means that there is no row
 */
export async function foldRows<Row extends ObjectLiteral>(
  manager: EntityManager,
  entity: EntityTarget<Row>,
  keyColumn: keyof Row & string,
  events: readonly LoggedEvent[],
  key: (event: LoggedEvent) => string | undefined,
  evolve: (row: Row | undefined, event: LoggedEvent) => Row | undefined,
): Promise<void> {
  const keys = new Set<string>();
  for (const event of events) {
    const of = key(event);
    if (of !== undefined) keys.add(of);
  }
  if (!keys.size) return;
  const known: Row[] = await manager
    .createQueryBuilder(entity, 'row')
    .where(`row.${keyColumn} = ANY(:keys)`, { keys: [...keys] })
    .getMany();
  const rows = new Map<string, Row | undefined>(known.map(row => [String(row[keyColumn]), row]));
  for (const event of events) {
    const of = key(event);
    if (of !== undefined) rows.set(of, evolve(rows.get(of), event));
  }
  const written: Row[] = [];
  const gone: string[] = [];
  for (const [of, row] of rows) {
    if (row) written.push(row);
    else if (known.some(before => String(before[keyColumn]) === of)) gone.push(of);
  }
  if (gone.length) await manager.delete(entity, { [keyColumn]: In(gone) } as FindOptionsWhere<Row>);
  await upsertRows(manager, manager.connection.getMetadata(entity), keyColumn, written);
}
