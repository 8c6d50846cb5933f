import {
  AckPolicy,
  type Consumer,
  DeliverPolicy,
  JetStreamApiError,
  type JsMsg,
  jetstream,
  jetstreamManager,
} from '@nats-io/jetstream';
import { nanos } from '@nats-io/transport-node';
import {
  decodeEvent,
  type EventDefinition,
  LOG_STREAM,
  type LoggedEvent,
  MalformedEvent,
  typeSubject,
} from '@tumbi/contracts';
import { DeadLetters } from './dead-letters.js';
import { type EventLog, type StoredEvent, stored } from './event-log.js';
import { isOutage, onDisconnect, pause } from './outage.js';

/** "Consumer already exists", from the server's errors.json: it has other options. */
const CONSUMER_EXISTS = 10148;

/** Thrown by a handler: not now; deliver it again after a while. */
export class RetryLater extends Error {
  override readonly name = 'RetryLater';
  constructor(
    message: string,
    /** Milliseconds. */
    readonly delay: number,
  ) {
    super(message);
  }
}

export interface DeliveryOptions {
  /** The durable consumer's name, shared by all processes that do this work. */
  readonly durable: string;
  /** The events to be delivered; every stored version of each is. */
  readonly events: readonly EventDefinition[];
  /** Acts on one event. It must bear being called again for the same one. */
  readonly handle: (event: LoggedEvent, delivery: Delivery) => Promise<void>;
  /** How many are handled side by side. Default: 1. */
  readonly slots?: number;
  /** Milliseconds without a sign of life until the event is given to another process. Default: 30,000. */
  readonly leaseTime?: number;
  /** One event at a time, over all processes. Default: false. */
  readonly exclusive?: boolean;
  /** Failures of the handler, in this process, after which an event is set aside. Default: 10. */
  readonly maxFailures?: number;
  readonly onError?: (error: unknown, event: LoggedEvent | undefined) => void;
}

export interface Delivery {
  /** From 1; more than 1 means that an earlier handler failed or was lost. */
  readonly count: number;
  /** Aborts when the process stops taking work. */
  readonly signal: AbortSignal;
}

/**
 * Delivers events of the log to a handler through a durable consumer with explicit acknowledgement. The lease is
 * renewed while the handler runs; a process that dies loses it, and the event goes to another. What can't be
 * read, or keeps failing, is set aside as a dead letter and stops nothing.
 */
export class Deliveries {
  readonly #stopping = new AbortController();
  readonly #leaseTime: number;
  readonly #deadLetters: DeadLetters;
  /** How often the handler has failed, by the event's sequence. */
  readonly #failures = new Map<number, number>();
  #loops: Promise<void>[] = [];

  constructor(
    private readonly log: EventLog,
    private readonly options: DeliveryOptions,
  ) {
    this.#leaseTime = options.leaseTime ?? 30_000;
    this.#deadLetters = new DeadLetters(log.connection);
  }

  async start(): Promise<void> {
    await this.#ensureConsumer();
    this.#loops = Array.from({ length: this.options.slots ?? 1 }, () => this.#loop());
  }

  /** Takes no more; waits until what is being handled has ended. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.all(this.#loops);
  }

  async #ensureConsumer(): Promise<void> {
    const manager = await jetstreamManager(this.log.connection, { checkAPI: false });
    const { durable, events, exclusive } = this.options;
    const config = {
      filter_subjects: [...new Set(events.map(event => typeSubject({ name: event.name, version: '*' })))],
      ack_wait: nanos(this.#leaseTime),
      max_ack_pending: exclusive ? 1 : 10_000,
    };
    try {
      await manager.consumers.add(LOG_STREAM, {
        ...config,
        durable_name: durable,
        deliver_policy: DeliverPolicy.All,
        ack_policy: AckPolicy.Explicit,
        max_deliver: -1,
      });
    } catch (error) {
      if (!(error instanceof JetStreamApiError && error.code === CONSUMER_EXISTS)) throw error;
      await manager.consumers.update(LOG_STREAM, durable, config); // an earlier version had other options
    }
  }

  async #loop(): Promise<void> {
    const { signal } = this.#stopping;
    let consumer: Consumer | undefined;
    while (!signal.aborted) {
      try {
        consumer ??= await jetstream(this.log.connection).consumers.get(LOG_STREAM, this.options.durable);
        const message = await this.#next(consumer);
        if (message) await this.#deliver(message);
      } catch (error) {
        consumer = undefined;
        if (signal.aborted) return;
        if (!isOutage(error)) this.options.onError?.(error, undefined);
        await pause(500, signal);
      }
    }
  }

  /** The next message, or null when none came or the process is stopping. */
  async #next(consumer: Consumer): Promise<JsMsg | null> {
    const { signal } = this.#stopping;
    const messages = await consumer.fetch({ max_messages: 1, expires: 10_000 });
    const stop = () => messages.stop();
    signal.addEventListener('abort', stop, { once: true });
    // What was asked for is forgotten by a server that was away: ask again, rather than wait for it.
    const unwatch = onDisconnect(this.log.connection, stop);
    try {
      if (signal.aborted) return null;
      for await (const message of messages) return message;
      return null;
    } finally {
      unwatch();
      signal.removeEventListener('abort', stop);
      messages.stop();
    }
  }

  async #deliver(message: JsMsg): Promise<void> {
    const source = stored(message);
    const lease = setInterval(() => message.working(), this.#leaseTime / 3);
    let event: LoggedEvent | undefined;
    try {
      event = decodeEvent(source, this.log.registry);
      await this.options.handle(event, {
        count: message.info.deliveryCount,
        signal: this.#stopping.signal,
      });
      await message.ackAck();
      this.#failures.delete(source.sequence);
    } catch (error) {
      await this.#fail(message, source, event, error);
    } finally {
      clearInterval(lease);
    }
  }

  async #fail(message: JsMsg, source: StoredEvent, event: LoggedEvent | undefined, error: unknown) {
    if (error instanceof RetryLater) return message.nak(error.delay);
    if (isOutage(error) || isRetryable(error)) return message.nak(1_000);
    this.options.onError?.(error, event);
    const failures = (this.#failures.get(source.sequence) ?? 0) + 1;
    const hopeless = error instanceof MalformedEvent || failures >= (this.options.maxFailures ?? 10);
    if (!hopeless) {
      this.#failures.set(source.sequence, failures);
      return message.nak(Math.min(250 * 2 ** failures, 30_000));
    }
    const reason = error instanceof Error ? error.message : String(error);
    await this.#deadLetters.add(`${this.log.producer}.${this.options.durable}`, source, reason);
    message.term(reason.slice(0, 200));
    this.#failures.delete(source.sequence);
  }
}

/** Adapters mark what may pass by itself, such as an object store that is away. */
function isRetryable(error: unknown): boolean {
  return error instanceof Error && 'retryable' in error && error.retryable === true;
}
