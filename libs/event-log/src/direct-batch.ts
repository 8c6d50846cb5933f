import type { JetStreamManager, StoredMsg } from '@nats-io/jetstream';
import { errors } from '@nats-io/transport-node';

/** Milliseconds without a message after which a batch is given up: the server has gone away in the middle. */
const SILENCE = 5_000;

/**
 * Stored messages from a sequence on, at most `batch` of them, without a consumer (NATS ADR-31); none when
 * nothing follows. It takes the client's callback, because the client's iterator neither ends its subscription
 * nor notices that the server is gone.
 */
export async function directBatch(
  manager: JetStreamManager,
  stream: string,
  query: { readonly seq: number; readonly batch: number; readonly next_by_subj?: string },
): Promise<StoredMsg[]> {
  const messages: StoredMsg[] = [];
  const { promise, resolve, reject } = Promise.withResolvers<StoredMsg[]>();
  const batch = await manager.direct.getBatch(stream, {
    ...query,
    callback: (done, message) => {
      if (!done) {
        messages.push(message);
        silence.refresh();
      } else if (done.err && !isNotFound(done.err)) reject(done.err);
      else resolve(messages);
    },
  });
  const silence = setTimeout(() => batch.stop(new errors.TimeoutError()), SILENCE);
  return promise.finally(() => clearTimeout(silence));
}

/** The server's answer when no message follows. */
function isNotFound(error: Error): boolean {
  return 'code' in error && error.code === 404;
}
