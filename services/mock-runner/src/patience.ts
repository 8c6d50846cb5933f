import { setTimeout } from 'node:timers/promises';

/**
 * Makes a call again while it fails in a way that may pass by itself (an error with `retryable: true`), waiting
 * longer each time.
 * @throws the last error when the time is up, and at once one that will not pass
 */
export async function patiently<T>(
  milliseconds: number,
  signal: AbortSignal,
  call: () => Promise<T>,
): Promise<T> {
  const until = Date.now() + milliseconds;
  for (let wait = 250; ; wait = Math.min(wait * 2, 15_000)) {
    try {
      return await call();
    } catch (error) {
      const passing = error instanceof Error && 'retryable' in error && error.retryable === true;
      if (!passing || Date.now() + wait > until) throw error;
    }
    await setTimeout(wait, undefined, { signal });
  }
}
