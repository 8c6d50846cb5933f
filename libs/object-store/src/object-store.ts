import type { Readable } from 'node:stream';

/** A SHA-256 digest: 64 lower-case hexadecimal digits. */
export type Sha256 = string;

/** Bytes to store: a stream (of any length), bytes in memory, or a file by its path. */
export type BlobSource = AsyncIterable<Uint8Array> | Uint8Array | { readonly file: string };

/** What a blob is: its name and its length in bytes. */
export interface BlobInfo {
  readonly sha256: Sha256;
  readonly size: number;
}

/** A part of a blob in bytes, both ends included, as in HTTP's `Range: bytes=start-end`. */
export interface ByteRange {
  readonly start: number;
  /** The last byte; to the blob's end when absent. */
  readonly end?: number;
}

/**
 * Immutable bytes, each kept under its own SHA-256 as `blobs/sha256/ab/abcdef…`.
 *
 * Every method may reject with `StoreUnavailable` (try again later) or `StoreRefused` (wrong credentials), and
 * with `InvalidName` for a name that is not a SHA-256.
 */
export interface BlobStore {
  /**
   * Stores the bytes and tells their name; storing the same bytes again is harmless, also at the same
   * time. Memory use does not grow with the blob's size.
   *
   * Rejects with `BlobMismatch` when `expected` is given and is not the bytes' SHA-256, and with
   * `StoreFull`; neither leaves anything that a reader could see.
   */
  put(source: BlobSource, expected?: Sha256): Promise<BlobInfo>;

  /**
   * Reads a blob, or a range of it. A whole read is hashed on the way: the stream fails with
   * `BlobMismatch` instead of ending when the stored bytes have rotted, so nothing is to be trusted
   * before the stream has ended. Rejects with `BlobNotFound`, and with `RangeError` for a range that
   * starts past the end or is none. A range is not hashed, except one that starts at 0 and has no end.
   */
  get(sha256: Sha256, range?: ByteRange): Promise<Readable>;

  /** The blob's size, or `undefined` when the store does not hold it. */
  stat(sha256: Sha256): Promise<BlobInfo | undefined>;

  has(sha256: Sha256): Promise<boolean>;

  /** Every blob, ordered by name. */
  list(): AsyncIterable<BlobInfo>;
}

/**
 * Small mutable objects under names such as `apt/trixie/dists/trixie/InRelease`. A reader sees either
 * the old bytes or the new ones, never a mixture.
 *
 * A name is made of segments joined by `/`; a segment is letters, digits and `._+~@:=,%-`, and does not begin
 * with a dot. Other names, and those below `blobs/`, reject with `InvalidName`.
 * No name may be a folder of another's: a folder store refuses it, an S3 server may not.
 */
export interface NamedObjects {
  /** Writes or replaces an object. Rejects with `StoreFull` or `StoreUnavailable`; the old bytes then stay. */
  putNamed(name: string, bytes: Uint8Array): Promise<void>;

  /** The object's bytes, or `undefined` when there is none. */
  getNamed(name: string): Promise<Buffer | undefined>;

  /** Removes an object; one that does not exist is no error. */
  deleteNamed(name: string): Promise<void>;

  /** The names that begin with `prefix` (which need not end at a `/`), ordered; blobs are not among them. */
  listNamed(prefix: string): AsyncIterable<string>;
}

/** Everything that Tumbi keeps as bytes: blobs by digest, and a few small mutable files by name. */
export interface ObjectStore extends BlobStore, NamedObjects {
  /** Where the store is, for messages: a path, or an S3 endpoint and bucket. Holds no secret. */
  readonly location: string;

  /** Resolves when the store answers; else rejects with `StoreUnavailable`, `StoreRefused` or `StoreFull`. */
  check(): Promise<void>;
}
