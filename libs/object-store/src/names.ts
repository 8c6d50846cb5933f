import { InvalidName } from './errors.js';
import type { ByteRange, Sha256 } from './object-store.js';

const SHA256 = /^[0-9a-f]{64}$/;
const SEGMENT = /^[A-Za-z0-9_+~@:=,%-][A-Za-z0-9._+~@:=,%-]*$/;
// S3 allows 1024 bytes; file systems allow 255 to a segment.
const MAX_NAME = 1024;
const MAX_SEGMENT = 255;

/** Where blobs are kept, below the folder or in the bucket. */
export const BLOB_PREFIX = 'blobs/sha256/';

/** The key of a blob: `blobs/sha256/ab/abcdef…`. Throws `InvalidName` for what is no SHA-256. */
export function blobKey(sha256: Sha256): string {
  if (!SHA256.test(sha256)) {
    throw new InvalidName(`'${sha256}' is not a SHA-256: give 64 lower-case hexadecimal digits.`);
  }
  return `${BLOB_PREFIX}${sha256.slice(0, 2)}/${sha256}`;
}

/** The SHA-256 that a blob's key holds, or `undefined` for a key of anything else. */
export function blobOfKey(key: string): Sha256 | undefined {
  const sha256 = key.slice(-64);
  return SHA256.test(sha256) && key === blobKey(sha256) ? sha256 : undefined;
}

/** Throws `InvalidName` unless the name may be a named object's. */
export function checkName(name: string): void {
  const segments = name.split('/');
  const wellFormed = segments.every(segment => segment.length <= MAX_SEGMENT && SEGMENT.test(segment));
  if (!wellFormed || name.length > MAX_NAME || segments[0] === 'blobs') {
    throw new InvalidName(
      `'${name}' cannot name an object: use segments of letters, digits and ._+~@:=,%- joined by '/', none beginning with a dot, outside blobs/.`,
    );
  }
}

/** Throws `RangeError` unless the range has whole numbers in order; gives `undefined` for one that is all of a blob. */
export function partOf(range: ByteRange | undefined): ByteRange | undefined {
  if (range === undefined || (range.start === 0 && range.end === undefined)) return undefined;
  const { start, end = start } = range;
  if (!Number.isSafeInteger(start) || !Number.isSafeInteger(end) || start < 0 || end < start) {
    throw new RangeError(
      `Bytes ${range.start}-${range.end ?? ''} are no range: give whole numbers, the start first.`,
    );
  }
  return range;
}
