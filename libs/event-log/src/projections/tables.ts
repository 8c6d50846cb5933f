import type { LoggedEvent } from '@tumbi/contracts';
import { DataSource } from 'typeorm';
import type { StoredEvent } from '../event-log.js';
import { ensurePositions, type Position, quoted, readPosition, writePosition } from './position.js';
import type { Projection } from './projection.js';

/** A projection's tables in one schema: the one in use, or one that is being filled. */
export class Tables {
  #source: Promise<DataSource> | undefined;

  constructor(
    private readonly url: string,
    private readonly schema: string,
    private readonly projection: Projection,
  ) {}

  /** A connection that failed is not kept: the next call tries again. */
  #open(): Promise<DataSource> {
    this.#source ??= new DataSource({
      type: 'postgres',
      url: this.url,
      schema: this.schema,
      entities: [...this.projection.entities] as never,
      poolSize: 2,
      logging: false,
    })
      .initialize()
      .catch(error => {
        this.#source = undefined;
        throw error;
      });
    return this.#source;
  }

  async close(): Promise<void> {
    const source = await this.#source?.catch(() => undefined);
    await source?.destroy();
  }

  async position(): Promise<Position | undefined> {
    const source = await this.#open();
    return source.transaction(async manager => {
      await ensurePositions(manager, this.schema);
      return readPosition(manager, this.schema, this.projection.name, false);
    });
  }

  /** Runs a task while no other process runs one for the same projection. */
  async exclusively(task: () => Promise<void>): Promise<void> {
    const source = await this.#open();
    const runner = source.createQueryRunner();
    const lock = [`tumbi ${this.schema} ${this.projection.name}`];
    try {
      await runner.query('SELECT pg_advisory_lock(hashtextextended($1, 0))', lock);
      await task();
    } finally {
      // The lock is the session's; a session that was lost has lost it.
      await runner.query('SELECT pg_advisory_unlock(hashtextextended($1, 0))', lock).catch(() => undefined);
      await runner.release();
    }
  }

  /** Empty tables and a position at the beginning; what is there already stays. */
  async create(): Promise<void> {
    const { name, version } = this.projection;
    const source = await this.#open();
    if (await this.position()) return;
    await source.synchronize();
    await source.transaction(manager =>
      writePosition(manager, this.schema, name, { version, lastSequence: 0 }),
    );
  }

  /** Rows and position in one transaction. */
  async write(batch: readonly StoredEvent[], events: readonly LoggedEvent[]): Promise<void> {
    const { projection } = this;
    const source = await this.#open();
    await source.transaction(async manager => {
      const position = await readPosition(manager, this.schema, projection.name, true);
      if (position?.version !== projection.version)
        throw new Error(
          `The rows of ${projection.name} were made by another version; read the position again.`,
        );
      const first = batch[0]?.sequence ?? 0;
      if (first > position.lastSequence + 1)
        throw new Error(
          `${projection.name} holds ${position.lastSequence}, and ${first} came next; read again.`,
        );
      await projection.apply(
        events.filter(event => event.sequence > position.lastSequence),
        manager,
      );
      const last = batch.at(-1)?.sequence ?? 0;
      await writePosition(manager, this.schema, projection.name, {
        version: projection.version,
        lastSequence: Math.max(position.lastSequence, last),
      });
    });
  }

  /**
   * Puts another schema's tables in the place of these, with their position, and drops what was here. It fails
   * when the other schema holds more than tables, such as a type that a column needs.
   */
  async replaceBy(staging: Tables): Promise<void> {
    const { projection } = this;
    const source = await this.#open();
    await source.transaction(async manager => {
      const here = quoted(this.schema);
      const there = quoted(staging.schema);
      await manager.query(`LOCK TABLE ${here}.projection_position IN EXCLUSIVE MODE`);
      const position = await readPosition(manager, staging.schema, projection.name, true);
      if (!position) throw new Error(`${staging.schema} holds no rows of ${projection.name}.`);
      for (const entity of projection.entities) {
        const table = quoted(source.getMetadata(entity).tableName);
        await manager.query(`DROP TABLE IF EXISTS ${here}.${table}`);
        await manager.query(`ALTER TABLE ${there}.${table} SET SCHEMA ${here}`);
      }
      await writePosition(manager, this.schema, projection.name, position);
      await manager.query(`DROP TABLE ${there}.projection_position`);
      await manager.query(`DROP SCHEMA ${there}`);
    });
  }
}
