import { once } from 'node:events';
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
 */
export async function sendEvents(
  reply: FastifyReply,
  source: (signal: AbortSignal) => AsyncIterable<ServerEvent>,
): Promise<void> {
  const gone = new AbortController();
  reply.hijack();
  const { raw } = reply;
  raw.once('close', () => gone.abort());
  raw.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  });
  raw.write(': welcome\n\n');
  const ping = setInterval(() => raw.write(': ping\n\n'), PING);
  try {
    for await (const event of source(gone.signal)) {
      const id = event.id === undefined ? '' : `id: ${event.id}\n`;
      const name = event.event === undefined ? '' : `event: ${event.event}\n`;
      if (!raw.write(`${id}${name}data: ${JSON.stringify(event.data)}\n\n`))
        await once(raw, 'drain', { signal: gone.signal });
    }
  } catch (error) {
    if (!gone.signal.aborted)
      raw.write(`event: error\ndata: ${JSON.stringify({ message: String(error) })}\n\n`);
  } finally {
    clearInterval(ping);
    gone.abort();
    raw.end();
  }
}
