import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { BuildRequested, type LoggedEvent } from '@tumbi/contracts';
import type { PostgresServer } from '@tumbi/local-servers';
import { DataSource, EntitySchema } from 'typeorm';
import { testPostgres } from '../testing/servers.js';
import { foldRows } from './projection.js';

interface Row {
  id: string;
  count: number;
  large: number;
  note?: string | null;
  tree: unknown;
  list: unknown[] | null;
}

const rows = new EntitySchema<Row>({
  name: 'rows',
  columns: {
    id: { type: 'text', primary: true, name: 'row_id' },
    count: { type: 'int' },
    large: { type: 'bigint', transformer: { to: (value: number) => value, from: Number } },
    note: { type: 'text', nullable: true },
    tree: { type: 'jsonb', nullable: true },
    list: { type: 'jsonb', nullable: true },
  },
});

/** What an event does to its row; undefined takes the row away. */
type Change = Partial<Row> | undefined;

/** An event that says what becomes of a row. */
function change(sequence: number, id: string, change: Change): LoggedEvent {
  const event = { name: BuildRequested.name, aggregateId: id, sequence, data: change };
  return event as unknown as LoggedEvent;
}

describe('foldRows', () => {
  let postgres: PostgresServer;
  let source: DataSource;
  before(async () => {
    postgres = await testPostgres();
    source = new DataSource({ type: 'postgres', url: postgres.url(), entities: [rows], synchronize: true });
    await source.initialize();
  });
  after(async () => {
    await source.destroy();
    await postgres.stop();
  });
  beforeEach(() => source.manager.clear(rows));

  async function fold(events: readonly LoggedEvent[], batch: number): Promise<unknown[]> {
    await source.manager.clear(rows);
    for (let i = 0; i < events.length; i += batch)
      await source.transaction(manager =>
        foldRows(manager, rows, 'id', events.slice(i, i + batch), event => event.aggregateId, evolve),
      );
    return source.query('SELECT * FROM rows ORDER BY row_id');
  }

  function evolve(row: Row | undefined, event: LoggedEvent): Row | undefined {
    const change = event.data as Change;
    if (!change) return undefined;
    const { count = 0, ...rest } = row ?? { id: event.aggregateId, large: 0, tree: null, list: null };
    return { ...rest, count: count + 1, ...change };
  }

  const events = [
    change(1, "a'b", { large: 2 ** 53 - 1, note: 'first', tree: { b: [1, null, 'é'], a: {} }, list: [] }),
    change(2, 'c', { note: 'kept', tree: 'a string', list: [{ x: null }] }),
    change(3, "a'b", { note: undefined }), // no longer there: null
    change(4, 'gone', { note: 'for a while' }),
    change(5, 'c', { large: 7, tree: 12 }),
    change(6, 'gone', undefined),
    change(7, 'never', undefined),
    change(8, 'back', {}),
    change(9, 'back', undefined),
    change(10, 'back', { note: 'again' }),
  ];
  const right = [
    {
      row_id: "a'b",
      count: 2,
      large: String(2 ** 53 - 1),
      note: null,
      tree: { b: [1, null, 'é'], a: {} },
      list: [],
    },
    { row_id: 'back', count: 1, large: '0', note: 'again', tree: null, list: null },
    { row_id: 'c', count: 2, large: '7', note: 'kept', tree: 12, list: [{ x: null }] },
  ];

  for (const batch of [1, 2, 3, events.length])
    it(`makes the same rows in batches of ${batch}`, async () =>
      assert.deepEqual(await fold(events, batch), right));

  it('writes more rows than a statement takes parameters', async () => {
    const many = Array.from({ length: 12_000 }, (_, i) =>
      change(i + 1, `row ${i % 11_000}`, { note: `${i}` }),
    );
    const made = (await fold(many, many.length)) as { count: number }[];
    assert.equal(made.length, 11_000);
    assert.equal(made.filter(({ count }) => count === 2).length, 1_000);
  });

  it('leaves alone what belongs to no row', async () => {
    await foldRows(source.manager, rows, 'id', events, () => undefined, evolve);
    assert.equal(await source.manager.count(rows), 0);
  });

  it('keeps what PostgreSQL can not hold from stopping it', async () => {
    const [row] = await fold(
      [change(1, 'hostile', { note: 'a\0b \ud800', tree: { 'k\0': ['\0', '\\u0000', '😀'] } })],
      1,
    );
    const { note, tree } = row as Row;
    assert.equal(note, 'a\ufffdb \ufffd');
    assert.deepEqual(tree, { 'k\ufffd': ['\ufffd', '\\u0000', '😀'] });
  });
});
