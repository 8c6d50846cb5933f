import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { FastifyReply } from 'fastify';

export interface ServerEvent {
  readonly id?: string;
  readonly event?: string;
  /** Sent as JSON on one line. */
  readonly data: unknown;
}

const PING = 15_000;

/**
 * Sends events as they come until there are no more or the client goes (WHATWG HTML, server-sent events). A slow
 * client slows the source down, and no line of it is kept for it.
 * @param start the id of what the client is taken to have seen, to resume from should it break off at once
 */
export async function sendEvents(
  reply: FastifyReply,
  source: (signal: AbortSignal) => AsyncIterable<ServerEvent>,
  start?: string,
): Promise<void> {
  const gone = new AbortController();
  reply.hijack();
  const { raw } = reply;
  raw.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  });
  raw.write(start === undefined ? ': welcome\n\n' : `id: ${start}\n\n`);
  const ping = setInterval(() => raw.write(': ping\n\n'), PING);
  try {
    await pipeline(Readable.from(frames(source(gone.signal))), raw);
  } catch {
    // The client has gone, perhaps before we began.
  } finally {
    clearInterval(ping);
    gone.abort();
  }
}

async function* frames(source: AsyncIterable<ServerEvent>): AsyncGenerator<string> {
  try {
    for await (const { id, event, data } of source)
      yield `${id === undefined ? '' : `id: ${id}\n`}${event === undefined ? '' : `event: ${event}\n`}data: ${JSON.stringify(data)}\n\n`;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    yield `event: error\ndata: ${JSON.stringify({ message })}\n\n`;
  }
}
