import { Readable } from 'node:stream';
import type { BlobStore } from '@tumbi/object-store';
import type { FastifyReply, FastifyRequest } from 'fastify';

/**
 * Sends a blob, or the part of it that a single `Range: bytes=` asks for (RFC 9110, 14). Its name is its ETag, so
 * a client that has it is told so.
 */
export async function sendBlob(
  request: FastifyRequest,
  reply: FastifyReply,
  store: BlobStore,
  blob: { readonly sha256: string; readonly size: number },
  type: string,
): Promise<void> {
  const etag = `"${blob.sha256}"`;
  reply.header('etag', etag).header('accept-ranges', 'bytes').header('content-type', type);
  if (request.headers['if-none-match'] === etag) {
    await reply.status(304).send();
    return;
  }
  const range = parseRange(request.headers.range, blob.size);
  if (range === 'unsatisfiable') {
    await reply.status(416).header('content-range', `bytes */${blob.size}`).send();
    return;
  }
  const { start, end } = range ?? { start: 0, end: blob.size - 1 };
  if (range) reply.status(206).header('content-range', `bytes ${start}-${end}/${blob.size}`);
  reply.header('content-length', String(end - start + 1));
  if (request.method === 'HEAD') {
    await reply.send(headOnly());
    return;
  }
  await reply.send(await store.get(blob.sha256, range));
}

/** A body for HEAD that leaves the length of the real one alone. */
export function headOnly(): Readable {
  return Readable.from([]);
}

/** One range of bytes; undefined where there is none that must be honoured. */
export function parseRange(
  header: string | undefined,
  size: number,
): { start: number; end: number } | 'unsatisfiable' | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? '');
  if (!match) return undefined;
  const [, first, last] = match;
  if (!first && !last) return undefined;
  const start = first ? Number(first) : Math.max(0, size - Number(last));
  const end = first && last ? Math.min(Number(last), size - 1) : size - 1;
  return start > end || start >= size ? 'unsatisfiable' : { start, end };
}
