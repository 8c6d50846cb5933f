import {
  JetStreamApiCodes,
  JetStreamApiError,
  type JetStreamClient,
  type JetStreamManager,
  jetstream,
  jetstreamManager,
} from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import {
  type Aggregate,
  aggregateSubject,
  decodeEvent,
  type EventRegistry,
  encodeEvent,
  eventId,
  LOG_PREFIX,
  LOG_STREAM,
  type LoggedEvent,
  type NewEvent,
  type Producer,
  registry as tumbi,
} from '@tumbi/contracts';
import { type EncodedEvent, publishTogether } from './atomic-publish.js';
import { directBatch } from './direct-batch.js';
import { orderedMessages } from './ordered-messages.js';
import { isOutage, pause } from './outage.js';

/** A message of the log as it is stored. */
export interface StoredEvent {
  readonly subject: string;
  readonly bytes: Uint8Array;
  readonly sequence: number;
  /** ISO 8601, the log's clock. */
  readonly recordedAt: string;
}

/** What makes events happen, and who is behind it. */
export interface Cause {
  /** Id of the event or request that this follows from; with the step it makes the new event's id. */
  readonly id: string;
  readonly correlationId: string;
  readonly actor: string;
  /** False when the cause is no event, such as an HTTP request. */
  readonly isEvent: boolean;
}

export interface Append {
  readonly aggregate: Aggregate;
  readonly aggregateId: string;
  /** Sequence of the aggregate's last event that the decision saw; 0 for none. */
  readonly expected: number;
  readonly events: readonly (NewEvent & {
    /** Tells two events of one cause and aggregate apart; the event's name when absent. */
    readonly step?: string;
  })[];
  readonly cause: Cause;
}

export interface Appended {
  readonly id: string;
  readonly sequence: number;
  /** The event stood in the log already: an earlier try had succeeded. */
  readonly repeated: boolean;
}

/** Somebody else added to the aggregate since it was read: read it again and decide again. */
export class Conflict extends Error {
  override readonly name = 'Conflict';
  constructor(aggregate: Aggregate, aggregateId: string) {
    super(`The ${aggregate} ${aggregateId} has changed since it was read.`);
  }
}

export interface EventLogOptions {
  readonly producer: Producer;
  readonly registry?: EventRegistry;
  /** Milliseconds to keep trying an append while the server is away. Default: 120,000. */
  readonly patience?: number;
}

/** The append-only log (docs/adr/ADR-2.md): decisions add to it, everything else is a fold of it. */
export class EventLog {
  readonly registry: EventRegistry;
  readonly producer: Producer;
  readonly #js: JetStreamClient;
  readonly #patience: number;

  private constructor(
    readonly connection: NatsConnection,
    private readonly manager: JetStreamManager,
    options: EventLogOptions,
  ) {
    this.#js = jetstream(connection, { timeout: TRY });
    this.registry = options.registry ?? tumbi;
    this.producer = options.producer;
    this.#patience = options.patience ?? 120_000;
  }

  static async open(connection: NatsConnection, options: EventLogOptions): Promise<EventLog> {
    return new EventLog(connection, await jetstreamManager(connection, { checkAPI: false }), options);
  }

  /**
   * Adds events to one aggregate, in order, all or none, under the expectation that nothing came in between. Safe
   * to repeat: ids are deterministic, and what is there already is not added again.
   * @throws Conflict when another writer was first
   */
  async append(append: Append): Promise<Appended[]> {
    const messages = append.events.map(event => this.#encode(append, event));
    if (!messages.length) return [];
    const { aggregate, aggregateId, expected } = append;
    const expect = {
      lastSubjectSequence: expected,
      lastSubjectSequenceSubject: aggregateSubject(aggregate, aggregateId),
    };
    try {
      const ack = await this.#patiently(() => publishTogether(this.connection, this.#js, messages, expect));
      const first = ack.seq - messages.length + 1;
      return messages.map(({ id }, i) => ({ id, sequence: first + i, repeated: ack.duplicate }));
    } catch (error) {
      if (!isWrongLastSequence(error)) throw error;
      const ours = await this.#find(append, messages);
      if (ours) return ours;
      throw new Conflict(aggregate, aggregateId);
    }
  }

  #encode(append: Append, event: Append['events'][number]): EncodedEvent {
    const { aggregate, aggregateId, cause } = append;
    const id = idOf(event, aggregateId, cause);
    const context = {
      id,
      producer: this.producer,
      aggregate,
      aggregateId,
      actor: cause.actor,
      correlationId: cause.correlationId,
      causationId: cause.isEvent ? cause.id : undefined,
      time: new Date().toISOString(),
    };
    return { id, ...encodeEvent(event, context, this.registry) };
  }

  /** Makes a call again, for as long as our patience lasts, while the server is away. */
  async #patiently<T>(call: () => Promise<T>): Promise<T> {
    const until = Date.now() + this.#patience;
    for (let wait = 50; ; wait = Math.min(wait * 2, 2_000)) {
      try {
        return await call();
      } catch (error) {
        if (!isOutage(error) || Date.now() + wait > until) throw error;
      }
      await pause(wait);
    }
  }

  /** Where our events stand, when the server says that something is newer than we expected. */
  async #find(
    { aggregate, aggregateId, expected }: Append,
    messages: readonly EncodedEvent[],
  ): Promise<Appended[] | undefined> {
    const events = await this.load(aggregate, aggregateId, expected + 1);
    const sequences = new Map(events.map(event => [event.id, event.sequence]));
    const found = messages.map(({ id }) => ({ id, sequence: sequences.get(id) ?? 0, repeated: true }));
    return found.every(one => one.sequence > 0) ? found : undefined;
  }

  /**
   * The history of one aggregate, oldest first; empty when there is none.
   * @throws MalformedEvent when it holds something that this version can't read: nothing is decided on a guess
   */
  async load(aggregate: Aggregate, aggregateId: string, from = 1): Promise<LoggedEvent[]> {
    const subject = aggregateSubject(aggregate, aggregateId);
    const events: LoggedEvent[] = [];
    for (let next = from; ; ) {
      const page = await this.page(next, subject, PAGE);
      for (const stored of page) events.push(decodeEvent(stored, this.registry));
      const last = page.at(-1);
      if (!last || page.length < PAGE) return events;
      next = last.sequence + 1;
    }
  }

  /** Up to `limit` stored messages that match a subject, from a sequence on. */
  page(from: number, subject: string, limit: number): Promise<StoredEvent[]> {
    return this.#patiently(async () => {
      const query = { seq: from, batch: limit, next_by_subj: subject };
      return (await directBatch(this.manager, LOG_STREAM, query)).map(stored);
    });
  }

  /** One stored message, or undefined. */
  async at(sequence: number): Promise<StoredEvent | undefined> {
    const message = await this.manager.direct.getMessage(LOG_STREAM, { seq: sequence });
    return message ? stored(message) : undefined;
  }

  /** Sequence of the newest event; 0 for an empty log. */
  async lastSequence(): Promise<number> {
    return (await this.manager.streams.info(LOG_STREAM)).state.last_seq;
  }

  /**
   * The stored messages in order from a sequence on, and then what is added, until the signal aborts. An outage
   * delays them; nothing is skipped or repeated.
   */
  async *read(options: {
    from: number;
    subjects?: readonly string[];
    signal: AbortSignal;
  }): AsyncGenerator<StoredEvent & { /** Messages that wait behind this one. */ pending: number }> {
    const { from, subjects = [`${LOG_PREFIX}.>`], signal } = options;
    const messages = orderedMessages(this.connection, LOG_STREAM, { from, subjects, signal, ahead: 2_000 });
    for await (const message of messages) yield { ...stored(message), pending: message.info.pending };
  }
}

const PAGE = 512;
/** Milliseconds that one try of an append waits: what is sent while the connection is lost is never answered. */
const TRY = 2_000;

/** The id that an event of an aggregate has by its cause and step. */
export function idOf(event: Append['events'][number], aggregateId: string, cause: Cause): string {
  return eventId(cause.id, `${aggregateId} ${event.step ?? event.name}`);
}

/** A message of the log in our words, whichever way it came. */
export function stored(message: { subject: string; data: Uint8Array; seq: number; time: Date }): StoredEvent {
  return {
    subject: message.subject,
    bytes: message.data,
    sequence: message.seq,
    recordedAt: message.time.toISOString(),
  };
}

/** Whether the server refused a message because something else came before it. */
export function isWrongLastSequence(error: unknown): boolean {
  return (
    error instanceof JetStreamApiError &&
    (error.code === JetStreamApiCodes.StreamWrongLastSequence ||
      error.code === JetStreamApiCodes.StreamWrongLastSequenceUnknown)
  );
}
