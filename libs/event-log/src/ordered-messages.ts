import { DeliverPolicy, type JsMsg, jetstream } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { isOutage, onDisconnect, pause } from './outage.js';

/** Milliseconds that a request to a server which may be away is waited for. */
const TIMEOUT = 2_000;

/**
 * A stream's messages in order from a sequence on, and then what is added, until the signal aborts. An ordered
 * consumer (NATS ADR-17) is underneath. After a lost connection it is made anew from where the reader was, so that
 * nothing is skipped or repeated: the client's own recovery may wait for half a minute.
 */
export async function* orderedMessages(
  connection: NatsConnection,
  stream: string,
  options: {
    readonly from: number;
    readonly subjects: readonly string[];
    readonly signal: AbortSignal;
    /** Messages that are fetched ahead of the reader, at most. */
    readonly ahead: number;
  },
): AsyncGenerator<JsMsg> {
  const { signal } = options;
  let from = Math.max(1, options.from);
  while (!signal.aborted) {
    try {
      const consumer = await jetstream(connection, { timeout: TIMEOUT }).consumers.get(stream, {
        filter_subjects: [...options.subjects],
        deliver_policy: DeliverPolicy.StartSequence,
        opt_start_seq: from,
      });
      const messages = await consumer.consume({ max_messages: options.ahead, idle_heartbeat: 5_000 });
      const stop = () => messages.stop();
      signal.addEventListener('abort', stop, { once: true });
      const unwatch = onDisconnect(connection, stop);
      try {
        if (signal.aborted) return;
        for await (const message of messages) {
          yield message;
          from = message.seq + 1;
          if (signal.aborted) return; // what was fetched ahead is nobody's any more
        }
      } finally {
        signal.removeEventListener('abort', stop);
        unwatch();
        messages.stop();
      }
    } catch (error) {
      if (!isOutage(error)) throw error;
    }
    await pause(250, signal);
  }
}
