import { createParser, type EventSourceMessage } from 'eventsource-parser';
import type { ServerEvent } from './transport.js';

/** The server sends a comment every 15 s; a connection that is silent for this long, in milliseconds, is dead. */
const SILENCE = 60_000;
/** The longest event, in characters. */
const LONGEST = 8 * 1024 * 1024;

/**
 * The events of one connection (WHATWG HTML, server-sent events), until the server ends it.
 * @throws Error when the connection breaks or falls silent
 */
export async function* readServerEvents(
  body: ReadableStream<Uint8Array>,
  silence = SILENCE,
): AsyncGenerator<ServerEvent<string, unknown>, void> {
  const messages: EventSourceMessage[] = [];
  const parser = createParser({ onEvent: message => messages.push(message), maxBufferSize: LONGEST });
  const decoder = new TextDecoder();
  const reader = body.getReader();
  try {
    for (;;) {
      const { done, value } = await within(silence, reader.read());
      if (done) return;
      parser.feed(decoder.decode(value, { stream: true }));
      for (const { id, event, data } of messages.splice(0))
        yield { id, event: event ?? 'message', data: JSON.parse(data) };
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

async function within<T>(milliseconds: number, work: Promise<T>): Promise<T> {
  const silent = Promise.withResolvers<never>();
  const timer = setTimeout(() => silent.reject(new Error('The connection fell silent.')), milliseconds);
  try {
    return await Promise.race([work, silent.promise]);
  } finally {
    clearTimeout(timer);
  }
}
