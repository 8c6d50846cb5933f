import { decodeEvent, type LoggedEvent, MalformedEvent } from '@tumbi/contracts';
import { DataSource } from 'typeorm';
import { DeadLetters } from '../dead-letters.js';
import type { EventLog, StoredEvent } from '../event-log.js';
import { pause } from '../outage.js';
import { ensurePositions, quoted, readPosition, writePosition } from './position.js';
import type { Projection } from './projection.js';

export interface ProjectorOptions {
  /** `postgres://USER:PASSWORD@HOST:PORT/DATABASE`. */
  readonly url: string;
  /** The service's own schema, where its read models are. */
  readonly schema: string;
  readonly projection: Projection;
  /** Events written in one transaction, at most. Default: 1,000. */
  readonly batch?: number;
  readonly onError?: (error: unknown) => void;
}

/**
 * Keeps one projection's rows in step with the log. Rows and position are written in one transaction, so each
 * event takes effect once, whenever the process dies. Where the code's version differs from that of the rows,
 * they are made anew beside the old ones and swapped in when they have caught up.
 */
export class Projector {
  readonly #stopping = new AbortController();
  readonly #deadLetters: DeadLetters;
  readonly #live: Tables;
  readonly #waiting = new Set<{ sequence: number; done: () => void }>();
  #position = 0;
  #loop: Promise<void> = Promise.resolve();

  constructor(
    private readonly log: EventLog,
    private readonly options: ProjectorOptions,
  ) {
    this.#deadLetters = new DeadLetters(log.connection);
    this.#live = new Tables(options, options.schema);
  }

  /** Makes the rows anew where they must be, then returns and keeps following. */
  async start(): Promise<void> {
    const position = await this.#live.position();
    if (position?.version !== this.options.projection.version) await this.rebuild();
    this.#loop = this.#follow();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#loop;
    await this.#live.close();
  }

  /** The last event that the rows hold. */
  get position(): number {
    return this.#position;
  }

  /** Returns once the rows hold everything up to a sequence, or the time is up; tells which. */
  async reached(sequence: number, milliseconds: number): Promise<boolean> {
    if (this.#position >= sequence) return true;
    return new Promise(resolve => {
      const entry = { sequence, done: () => finish(true) };
      const timer = setTimeout(() => finish(false), milliseconds);
      const finish = (reached: boolean) => {
        clearTimeout(timer);
        this.#waiting.delete(entry);
        resolve(reached);
      };
      this.#waiting.add(entry);
    });
  }

  /**
   * Fills new tables from the first event on, beside those in use, and swaps them in with their position in one
   * transaction. After a crash it goes on where it was.
   */
  async rebuild(): Promise<void> {
    const { schema, projection } = this.options;
    const staging = new Tables(this.options, `${schema}__${projection.name}_v${projection.version}`);
    try {
      await staging.create();
      const from = (await staging.position())?.lastSequence ?? 0;
      const last = await this.log.lastSequence();
      if (from < last) await this.#read(staging, from, last);
      this.#stopping.signal.throwIfAborted();
      await this.#live.replaceBy(staging);
    } finally {
      await staging.close();
    }
  }

  async #follow(): Promise<void> {
    const { signal } = this.#stopping;
    for (let wait = 250; !signal.aborted; wait = Math.min(wait * 2, 5_000)) {
      try {
        const position = await this.#live.position();
        this.#moved(position?.lastSequence ?? 0);
        await this.#read(this.#live, this.#position);
      } catch (error) {
        if (!signal.aborted) this.options.onError?.(error);
      }
      await pause(wait, signal);
    }
  }

  /** Applies what follows a position, up to a sequence or for ever. */
  async #read(tables: Tables, after: number, until = Number.POSITIVE_INFINITY): Promise<void> {
    let batch: StoredEvent[] = [];
    for await (const stored of this.log.read({ from: after + 1, signal: this.#stopping.signal })) {
      batch.push(stored);
      const enough = batch.length >= (this.options.batch ?? 1_000);
      const end = stored.pending === 0 || stored.sequence >= until;
      if (!enough && !end) continue;
      await this.#apply(tables, batch);
      if (tables === this.#live) this.#moved(stored.sequence);
      batch = [];
      if (stored.sequence >= until) return;
    }
  }

  async #apply(tables: Tables, batch: readonly StoredEvent[]): Promise<void> {
    const names = new Set(this.options.projection.events.map(event => event.name));
    const events: LoggedEvent[] = [];
    for (const stored of batch) {
      const event = await this.#decode(stored);
      if (event && names.has(event.name)) events.push(event);
    }
    await tables.write(batch, events);
  }

  /** What can't be read is set aside, so that it stops no other event. */
  async #decode(stored: StoredEvent): Promise<LoggedEvent | undefined> {
    try {
      return decodeEvent(stored, this.log.registry);
    } catch (error) {
      if (!(error instanceof MalformedEvent)) throw error;
      const reader = `${this.log.producer}.${this.options.projection.name}`;
      await this.#deadLetters.add(reader, stored, error.message);
      return undefined;
    }
  }

  #moved(position: number): void {
    this.#position = position;
    for (const entry of this.#waiting) if (entry.sequence <= position) entry.done();
  }
}

/** A projection's tables in one schema: the one in use, or one that is being filled. */
class Tables {
  #source: Promise<DataSource> | undefined;

  constructor(
    private readonly options: ProjectorOptions,
    private readonly schema: string,
  ) {}

  /** A connection that failed is not kept: the next call tries again. */
  #open(): Promise<DataSource> {
    this.#source ??= new DataSource({
      type: 'postgres',
      url: this.options.url,
      schema: this.schema,
      entities: [...this.options.projection.entities] as never,
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

  async position() {
    const source = await this.#open();
    const runner = source.createQueryRunner();
    try {
      await ensurePositions(runner, this.schema);
      return await readPosition(runner, this.schema, this.options.projection.name, false);
    } finally {
      await runner.release();
    }
  }

  /** Empty tables and a position at the beginning; what is there already stays. */
  async create(): Promise<void> {
    const { name, version } = this.options.projection;
    const source = await this.#open();
    const position = await this.position();
    if (position) return;
    await source.synchronize();
    await source.transaction(manager =>
      writePosition(manager, this.schema, name, { version, lastSequence: 0 }),
    );
  }

  /** Rows and position in one transaction. */
  async write(batch: readonly StoredEvent[], events: readonly LoggedEvent[]): Promise<void> {
    const { projection } = this.options;
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

  /** Puts another schema's tables in the place of these, with their position, and drops what was here. */
  async replaceBy(staging: Tables): Promise<void> {
    const { projection } = this.options;
    const source = await this.#open();
    await this.position();
    await source.transaction(async manager => {
      const here = quoted(this.schema);
      const there = quoted(staging.schema);
      await manager.query(`LOCK TABLE ${here}.projection_position IN EXCLUSIVE MODE`);
      const position = await readPosition(manager, staging.schema, projection.name, true);
      if (!position) return; // another process has swapped already
      for (const entity of projection.entities) {
        const table = quoted(source.getMetadata(entity).tableName);
        await manager.query(`DROP TABLE IF EXISTS ${here}.${table}`);
        await manager.query(`ALTER TABLE ${there}.${table} SET SCHEMA ${here}`);
      }
      await writePosition(manager, this.schema, projection.name, position);
      await manager.query(`DROP SCHEMA ${there} CASCADE`);
    });
  }
}
