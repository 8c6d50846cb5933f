import { type JetStreamClient, jetstream, jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { DEAD_LETTER_PREFIX, DEAD_LETTER_STREAM } from '@tumbi/contracts';
import { directBatch } from './direct-batch.js';
import { isWrongLastSequence, type StoredEvent } from './event-log.js';

/** A message that a reader could not use, set aside so that it stops nothing. */
export interface DeadLetter {
  /** Position among the dead letters. */
  readonly sequence: number;
  /** Which consumer or projection gave up on it, for example `scheduler.builds`. */
  readonly reader: string;
  readonly reason: string;
  /** Where the message stands in the log. */
  readonly source: { sequence: number; subject: string };
  /** The message's bytes in base64. */
  readonly bytes: string;
  /** ISO 8601. */
  readonly at: string;
}

export class DeadLetters {
  readonly #js: JetStreamClient;

  constructor(private readonly connection: NatsConnection) {
    this.#js = jetstream(connection);
  }

  /**
   * Sets a message aside, once for each reader. Returns only when the letter is stored: then, and not before, may
   * the message be given up.
   */
  async add(reader: string, message: StoredEvent, reason: string): Promise<void> {
    const letter: Omit<DeadLetter, 'sequence'> = {
      reader,
      reason,
      source: { sequence: message.sequence, subject: message.subject },
      bytes: Buffer.from(message.bytes).toString('base64'),
      at: new Date().toISOString(),
    };
    try {
      await this.#js.publish(`${DEAD_LETTER_PREFIX}.${reader}.${message.sequence}`, JSON.stringify(letter), {
        expect: { lastSubjectSequence: 0 },
      });
    } catch (error) {
      if (!isWrongLastSequence(error)) throw error; // it is there already
    }
  }

  /** The newest letters first. */
  async list(limit = 100): Promise<DeadLetter[]> {
    const manager = await jetstreamManager(this.connection, { checkAPI: false });
    const { state } = await manager.streams.info(DEAD_LETTER_STREAM);
    if (!state.messages) return [];
    const messages = await directBatch(manager, DEAD_LETTER_STREAM, {
      seq: Math.max(1, state.last_seq - limit + 1),
      batch: limit,
    });
    return messages
      .map(message => ({ ...message.json<Omit<DeadLetter, 'sequence'>>(), sequence: message.seq }))
      .reverse();
  }
}
