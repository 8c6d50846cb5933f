import { decodeEvent, type LoggedEvent, MalformedEvent } from '@tumbi/contracts';
import { DeadLetters } from '../dead-letters.js';
import type { EventLog, StoredEvent } from '../event-log.js';
import { isOutage, pause } from '../outage.js';
import { isDatabaseOutage } from './database-outage.js';
import type { Projection } from './projection.js';
import { Tables } from './tables.js';

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
    this.#live = this.#tables(options.schema);
  }

  /**
   * Makes the rows anew where they must be, then returns and keeps following.
   * @throws Error when PostgreSQL can't be reached; later outages are waited for
   */
  async start(): Promise<void> {
    const { version } = this.options.projection;
    if ((await this.#live.position())?.version !== version)
      await this.#outlasting(() =>
        this.#live.exclusively(async () => {
          // Another process may have made them while this one waited.
          if ((await this.#live.position())?.version !== version) await this.#fill();
        }),
      );
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
   * Makes the rows anew, whatever their version: fills new tables from the first event on, beside those in use,
   * and swaps them in with their position in one transaction. After a crash it goes on where it was.
   */
  async rebuild(): Promise<void> {
    await this.#outlasting(() => this.#live.exclusively(() => this.#fill()));
  }

  async #fill(): Promise<void> {
    const { schema, projection } = this.options;
    const staging = this.#tables(`${schema}__${projection.name}_v${projection.version}`);
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

  #tables(schema: string): Tables {
    return new Tables(this.options.url, schema, this.options.projection);
  }

  /** Does it again for as long as the log or PostgreSQL is away. */
  async #outlasting(task: () => Promise<void>): Promise<void> {
    const { signal } = this.#stopping;
    for (;;) {
      try {
        return await task();
      } catch (error) {
        if (signal.aborted || !(isOutage(error) || isDatabaseOutage(error))) throw error;
        this.options.onError?.(error);
      }
      await pause(500, signal);
    }
  }

  async #follow(): Promise<void> {
    const { signal } = this.#stopping;
    for (let wait = 250; !signal.aborted; wait = Math.min(wait * 2, 5_000)) {
      const before = this.#position;
      try {
        const position = await this.#live.position();
        this.#moved(position?.lastSequence ?? 0);
        await this.#read(this.#live, this.#position);
      } catch (error) {
        if (!signal.aborted) this.options.onError?.(error);
      }
      if (this.#position !== before) wait = 250;
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
