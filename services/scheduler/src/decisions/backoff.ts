/** Milliseconds to wait after a failed attempt: twice as long after each, at most half an hour. */
export function retryDelay(attempt: number, first: number): number {
  return Math.min(first * 2 ** (attempt - 1), 30 * 60_000);
}
