import { ObjectStoreError, StoreFull, StoreRefused, StoreUnavailable } from './errors.js';
import { errorCode } from './file-errors.js';
import { S3ServerError } from './s3-transport.js';

const FULL = new Set([
  'XMinioStorageFull',
  'InsufficientStorage',
  'QuotaExceeded',
  'XMinioAdminBucketQuotaExceeded',
]);
// MinIO on a full disk: InternalError, "… cause(no space left on device)".
const NO_SPACE = /no space left on device/;
const REFUSED = new Set(['AccessDenied', 'InvalidAccessKeyId', 'SignatureDoesNotMatch', 'NoSuchBucket']);
const ABSENT = new Set(['NotFound', 'NoSuchKey']);

/** Whether S3 answered that there is no such object. */
export function isAbsent(error: unknown): boolean {
  return ABSENT.has(errorCode(error) ?? '');
}

/** What the S3 client threw as one of this library's errors. */
export function translateS3Error(error: unknown, location: string): Error {
  if (error instanceof ObjectStoreError) return error;
  const code = errorCode(error) ?? '';
  if (FULL.has(code) || (error instanceof S3ServerError && NO_SPACE.test(error.message))) {
    return new StoreFull(location, error);
  }
  if (REFUSED.has(code)) return new StoreRefused(location, code, error);
  return new StoreUnavailable(location, error);
}
