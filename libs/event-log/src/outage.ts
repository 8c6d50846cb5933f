import { setTimeout } from 'node:timers/promises';

const OUTAGES = new Set([
  'TimeoutError',
  'NoRespondersError',
  'ClosedConnectionError',
  'ConnectionError',
  'RequestError',
  'ConsumerNotFoundError',
  'JetStreamNotEnabled',
]);

/** Whether an error says that the server is away or coming back, so that the same call may succeed later. */
export function isOutage(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (OUTAGES.has(cause.name)) return true;
    if ('code' in cause && cause.code === 10008) return true; // JetStream system temporarily unavailable
  }
  return false;
}

/** Waits, or until the signal aborts; never throws. */
export async function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  await setTimeout(milliseconds, undefined, signal ? { signal } : {}).catch(() => undefined);
}
