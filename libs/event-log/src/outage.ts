import { setTimeout } from 'node:timers/promises';
import { JetStreamApiCodes, JetStreamApiError, JetStreamError } from '@nats-io/jetstream';
import { errors, type NatsConnection, type QueuedIterator, type Status } from '@nats-io/transport-node';

/** "JetStream system temporarily unavailable", from the server's errors.json. */
const TEMPORARILY_UNAVAILABLE = 10008;

/**
 * Whether an error says that the server is away or coming back, so that the same call may succeed later. A
 * connection that was closed, and a permission that is missing, will not come back.
 */
export function isOutage(error: unknown): boolean {
  if (!(error instanceof Error) || error instanceof errors.PermissionViolationError) return false;
  if (error.cause !== undefined) return isOutage(error.cause);
  if (error instanceof JetStreamApiError)
    return error.code === TEMPORARILY_UNAVAILABLE || error.code === JetStreamApiCodes.ConsumerNotFound;
  if (error instanceof JetStreamError)
    return (
      ('code' in error && error.code === 503) ||
      ['heartbeats missed', 'server shutdown'].includes(error.message)
    );
  return (
    error instanceof errors.TimeoutError ||
    error instanceof errors.NoRespondersError ||
    error instanceof errors.ConnectionError ||
    error instanceof errors.RequestError
  );
}

/** Waits, or until the signal aborts; never throws. */
export async function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  await setTimeout(milliseconds, undefined, signal ? { signal } : {}).catch(() => undefined);
}

/** Acts each time a connection is lost, until the returned function is called. */
export function onDisconnect(connection: NatsConnection, act: () => void): () => void {
  const status = connection.status() as QueuedIterator<Status>;
  void (async () => {
    for await (const { type } of status) if (type === 'disconnect') act();
  })();
  return () => status.stop();
}
