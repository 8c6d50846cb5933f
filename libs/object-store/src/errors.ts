/** The base of every error that a store raises on purpose. */
export abstract class ObjectStoreError extends Error {
  /** A stable word for logs, events and APIs. */
  abstract readonly code: string;
  /** Whether the same call may succeed later without anything else being done differently. */
  abstract readonly retryable: boolean;
}

/** The store has no blob of this name. */
export class BlobNotFound extends ObjectStoreError {
  readonly code = 'BLOB_NOT_FOUND';
  readonly retryable = false;

  constructor(
    readonly sha256: string,
    location: string,
  ) {
    super(`There is no blob sha256:${sha256} in ${location}.`);
    this.name = 'BlobNotFound';
  }
}

/** Bytes do not have the SHA-256 that they should: a wrong upload, or a stored blob that has rotted. */
export class BlobMismatch extends ObjectStoreError {
  readonly code = 'BLOB_MISMATCH';
  readonly retryable = false;

  constructor(
    readonly expected: string,
    readonly actual: string,
    what: string,
  ) {
    super(`${what}: expected sha256:${expected}, but the bytes are sha256:${actual}.`);
    this.name = 'BlobMismatch';
  }
}

/** A name is neither a SHA-256 nor an object name; nothing was read or written. */
export class InvalidName extends ObjectStoreError {
  readonly code = 'INVALID_NAME';
  readonly retryable = false;

  constructor(message: string) {
    super(message);
    this.name = 'InvalidName';
  }
}

/** The store does not answer, or answers that it cannot now. */
export class StoreUnavailable extends ObjectStoreError {
  readonly code = 'STORE_UNAVAILABLE';
  readonly retryable = true;

  constructor(location: string, cause: unknown) {
    super(`The object store ${location} cannot be used now: ${describe(cause)}.`, { cause });
    this.name = 'StoreUnavailable';
  }
}

/** The store answers, but not to these credentials or not with this bucket: somebody has to mend the configuration. */
export class StoreRefused extends ObjectStoreError {
  readonly code = 'STORE_REFUSED';
  readonly retryable = false;

  constructor(location: string, answer: string, cause: unknown) {
    super(
      `The object store ${location} answered ${answer}: check the bucket, the access key and the secret key.`,
      {
        cause,
      },
    );
    this.name = 'StoreRefused';
  }
}

/** No space is left where the bytes should go; what was stored before is still there. */
export class StoreFull extends ObjectStoreError {
  readonly code = 'STORE_FULL';
  readonly retryable = true;

  constructor(location: string, cause: unknown) {
    super(`${location} is full: free some space there, then try again; nothing was lost.`, { cause });
    this.name = 'StoreFull';
  }
}

function describe(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : undefined;
  const text = cause.message || code || cause.name;
  return code !== undefined && !text.includes(code) ? `${text} (${code})` : text;
}
