import { ObjectStoreError, StoreFull, StoreUnavailable } from './errors.js';

/** A system error's name such as `ENOENT`, where it has one. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** What a call of node:fs threw as one of this library's errors. */
export function translateFileError(error: unknown, location: string): Error {
  if (error instanceof ObjectStoreError) return error;
  const code = errorCode(error);
  return code === 'ENOSPC' || code === 'EDQUOT'
    ? new StoreFull(location, error)
    : new StoreUnavailable(location, error);
}
