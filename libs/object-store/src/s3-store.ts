import { createHash } from 'node:crypto';
import http from 'node:http';
import https from 'node:https';
import { tmpdir } from 'node:os';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { Client } from 'minio';
import { BlobMismatch, BlobNotFound, StoreRefused } from './errors.js';
import { errorCode } from './file-errors.js';
import { BLOB_PREFIX, blobKey, blobOfKey, checkName, partOf } from './names.js';
import type { BlobInfo, BlobSource, ByteRange, ObjectStore, Sha256 } from './object-store.js';
import { type Payload, preparePayload } from './payload.js';
import { reading, readingVerified } from './reading.js';
import { isAbsent, translateS3Error } from './s3-errors.js';
import { s3Transport } from './s3-transport.js';

/** Longer blobs are sent in parts of this many bytes; also the most of one upload that is in memory at a time. */
const PART_SIZE = 16 * 1024 * 1024;
/** S3's own limit on the parts of one upload. */
const MAX_PARTS = 10_000;

/** How to reach an S3 bucket. */
export interface S3Options {
  /** `http://host:port` or `https://host[:port]`. */
  readonly endpoint: string;
  readonly bucket: string;
  readonly accessKey: string;
  readonly secretKey: string;
  /** Default `us-east-1`. */
  readonly region?: string;
  /** Where long streams are kept while they are hashed; default the system's temporary folder. */
  readonly spoolDir?: string;
}

/**
 * Opens a store in an S3 bucket, which is made when absent. Uses nothing but plain S3: put, get, range, multipart,
 * list, delete.
 */
export async function openS3Store(options: S3Options): Promise<ObjectStore> {
  const store = new S3Store(options);
  await store.prepare();
  return store;
}

class S3Store implements ObjectStore {
  readonly location: string;
  readonly #client: Client;
  readonly #bucket: string;
  readonly #region: string;
  readonly #spoolDir: string;
  readonly #translate = (error: unknown) => translateS3Error(error, this.location);

  constructor(options: S3Options) {
    const url = new URL(options.endpoint);
    this.location = `${url.origin}/${options.bucket}`;
    this.#bucket = options.bucket;
    this.#region = options.region ?? 'us-east-1';
    this.#spoolDir = options.spoolDir ?? tmpdir();
    this.#client = new Client({
      endPoint: url.hostname,
      ...(url.port !== '' && { port: Number(url.port) }),
      useSSL: url.protocol === 'https:',
      accessKey: options.accessKey,
      secretKey: options.secretKey,
      region: this.#region,
      // Callers see StoreUnavailable, and decide.
      retryOptions: { disableRetry: true },
      transport: s3Transport(url.protocol === 'https:' ? https : http),
    });
  }

  async prepare(): Promise<void> {
    await this.#guard(async () => {
      if (await this.#client.bucketExists(this.#bucket)) return;
      await this.#client.makeBucket(this.#bucket, this.#region).catch(error => {
        if (errorCode(error) !== 'BucketAlreadyOwnedByYou') throw error;
      });
    });
  }

  async check(): Promise<void> {
    const found = await this.#guard(() => this.#client.bucketExists(this.#bucket));
    if (!found) throw new StoreRefused(this.location, 'NoSuchBucket', undefined);
  }

  async put(source: BlobSource, expected?: Sha256): Promise<BlobInfo> {
    if (expected !== undefined) blobKey(expected);
    await using payload = await preparePayload(source, this.#spoolDir, PART_SIZE);
    const { sha256, size } = payload;
    if (expected !== undefined && expected !== sha256) {
      throw new BlobMismatch(expected, sha256, 'The blob was refused');
    }
    const stored = await this.stat(sha256);
    if (stored?.size !== size) {
      await (size <= PART_SIZE ? this.#putWhole(payload) : this.#putParts(payload));
    }
    return { sha256, size };
  }

  async get(sha256: Sha256, range?: ByteRange): Promise<Readable> {
    const part = partOf(range);
    const bytes = await this.#open(blobKey(sha256), part);
    if (bytes === undefined) throw new BlobNotFound(sha256, this.location);
    if (part !== undefined) return reading(bytes, this.#translate);
    return readingVerified(bytes, sha256, this.location, this.#translate);
  }

  async stat(sha256: Sha256): Promise<BlobInfo | undefined> {
    const key = blobKey(sha256);
    const found = await this.#guard(() => this.#client.statObject(this.#bucket, key).catch(ignoreAbsent));
    return found && { sha256, size: found.size };
  }

  async has(sha256: Sha256): Promise<boolean> {
    return (await this.stat(sha256)) !== undefined;
  }

  async *list(): AsyncIterable<BlobInfo> {
    for await (const { name, size } of this.#walk(BLOB_PREFIX)) {
      const sha256 = blobOfKey(name);
      if (sha256 !== undefined) yield { sha256, size };
    }
  }

  async putNamed(name: string, bytes: Uint8Array): Promise<void> {
    checkName(name);
    const body = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    await this.#guard(() => this.#client.putObject(this.#bucket, name, body, body.length));
  }

  async getNamed(name: string): Promise<Buffer | undefined> {
    checkName(name);
    const bytes = await this.#open(name);
    return bytes && this.#guard(() => buffer(bytes));
  }

  async deleteNamed(name: string): Promise<void> {
    checkName(name);
    await this.#guard(() => this.#client.removeObject(this.#bucket, name).catch(ignoreAbsent));
  }

  async *listNamed(prefix: string): AsyncIterable<string> {
    for await (const { name } of this.#walk(prefix)) if (!name.startsWith('blobs/')) yield name;
  }

  async #open(key: string, range?: ByteRange): Promise<Readable | undefined> {
    try {
      if (range === undefined) return await this.#client.getObject(this.#bucket, key);
      const length = range.end === undefined ? undefined : range.end - range.start + 1;
      return await this.#client.getPartialObject(this.#bucket, key, range.start, length);
    } catch (error) {
      if (isAbsent(error)) return undefined;
      if (range !== undefined && errorCode(error) === 'InvalidRange') {
        throw new RangeError(`Byte ${range.start} is past the end of ${key}.`);
      }
      throw this.#translate(error);
    }
  }

  async #putWhole(payload: Payload): Promise<void> {
    const bytes = await payload.read(payload.size);
    this.#checkUnchanged(payload, createHash('sha256').update(bytes).digest('hex'));
    const key = blobKey(payload.sha256);
    await this.#guard(() => this.#client.putObject(this.#bucket, key, bytes, bytes.length));
  }

  /**
   * Sends a long blob in parts. The client's own putObject would go on with whatever unfinished upload it finds under
   * the same key, which two runners that store the same blob would then tear from each other.
   */
  async #putParts(payload: Payload): Promise<void> {
    const key = blobKey(payload.sha256);
    const partSize = Math.max(PART_SIZE, Math.ceil(payload.size / MAX_PARTS));
    const upload = await this.#guard(() => this.#client.initiateNewMultipartUpload(this.#bucket, key, {}));
    try {
      const hash = createHash('sha256');
      const parts: { part: number; etag: string }[] = [];
      for (let sent = 0; sent < payload.size; sent += partSize) {
        const bytes = await payload.read(partSize);
        hash.update(bytes);
        parts.push(await this.#putPart(key, upload, parts.length + 1, bytes));
      }
      this.#checkUnchanged(payload, hash.digest('hex'));
      await this.#guard(() => this.#client.completeMultipartUpload(this.#bucket, key, upload, parts));
    } catch (error) {
      // Frees the parts' space; a server that is gone removes them itself after some time.
      await this.#client.abortMultipartUpload(this.#bucket, key, upload).catch(() => {});
      throw error;
    }
  }

  async #putPart(
    key: string,
    upload: string,
    part: number,
    bytes: Buffer,
  ): Promise<{ part: number; etag: string }> {
    const { etag } = await this.#guard(() =>
      this.#client.uploadPart(
        {
          bucketName: this.#bucket,
          objectName: key,
          uploadID: encodeURIComponent(upload),
          partNumber: part,
          headers: {
            'Content-Length': bytes.length,
            'Content-MD5': createHash('md5').update(bytes).digest('base64'),
          },
        },
        bytes,
      ),
    );
    return { part, etag };
  }

  /** A file may have been written to between its hashing and its sending. */
  #checkUnchanged(payload: Payload, sent: Sha256): void {
    if (sent !== payload.sha256) {
      throw new BlobMismatch(payload.sha256, sent, 'The blob was refused, it changed while it was read');
    }
  }

  async *#walk(prefix: string): AsyncIterable<{ name: string; size: number }> {
    const items = this.#client.listObjectsV2(this.#bucket, prefix, true);
    try {
      for await (const { name, size } of items) if (name !== undefined) yield { name, size };
    } catch (error) {
      throw this.#translate(error);
    }
  }

  async #guard<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw this.#translate(error);
    }
  }
}

function ignoreAbsent(error: unknown): undefined {
  if (!isAbsent(error)) throw error;
}
