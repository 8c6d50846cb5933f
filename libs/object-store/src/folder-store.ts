import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, type Dirent } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { BlobMismatch, BlobNotFound, InvalidName } from './errors.js';
import { errorCode, translateFileError } from './file-errors.js';
import { BLOB_PREFIX, blobKey, blobOfKey, checkName, partOf } from './names.js';
import type { BlobInfo, BlobSource, ByteRange, ObjectStore, Sha256 } from './object-store.js';
import { reading, readingVerified } from './reading.js';

const INCOMING = '.incoming';
// What mkdir and rename say when an object is where a folder should be, or the reverse.
const CLASHES = new Set(['EISDIR', 'ENOTDIR', 'EEXIST', 'ENOTEMPTY']);
const STALE_MS = 24 * 60 * 60 * 1000;

/**
 * Opens a store in a folder, which is made when absent. Several processes may use one folder at a time.
 *
 * Everything is written aside, synced, and renamed into place, so that a reader, or a machine that lost its
 * power, has all of an object or nothing of it.
 */
export async function openFolderStore(root: string): Promise<ObjectStore> {
  const store = new FolderStore(resolve(root));
  await store.prepare();
  return store;
}

class FolderStore implements ObjectStore {
  readonly #translate = (error: unknown) => translateFileError(error, this.location);

  constructor(readonly location: string) {}

  /** Makes the folders, and removes what a process that was killed left half-written long ago. */
  async prepare(): Promise<void> {
    await this.#guard(async () => {
      await makeFolder(join(this.location, INCOMING));
      await makeFolder(join(this.location, BLOB_PREFIX));
      for (const name of await readdir(join(this.location, INCOMING))) {
        const path = join(this.location, INCOMING, name);
        const age = Date.now() - ((await absentAsUndefined(stat(path)))?.mtimeMs ?? Date.now());
        if (age > STALE_MS) await rm(path, { force: true });
      }
    });
  }

  async check(): Promise<void> {
    const aside = await this.#aside();
    try {
      await this.#guard(() => aside.file.appendFile('ok'));
    } finally {
      await aside.discard();
    }
  }

  async put(source: BlobSource, expected?: Sha256): Promise<BlobInfo> {
    if (expected !== undefined) blobKey(expected);
    const aside = await this.#aside();
    try {
      const hash = createHash('sha256');
      let size = 0;
      // Only the writes are guarded: a source that breaks is not the store's failure.
      for await (const chunk of chunksOf(source)) {
        hash.update(chunk);
        size += chunk.byteLength;
        await this.#guard(() => aside.file.appendFile(chunk));
      }
      const sha256 = hash.digest('hex');
      if (expected !== undefined && expected !== sha256) {
        throw new BlobMismatch(expected, sha256, 'The blob was refused');
      }
      // Also when the blob is there already: the same bytes again do no harm, and mend one that has rotted.
      await this.#guard(() => aside.publish(join(this.location, blobKey(sha256))));
      return { sha256, size };
    } finally {
      await aside.discard();
    }
  }

  async get(sha256: Sha256, range?: ByteRange): Promise<Readable> {
    const path = join(this.location, blobKey(sha256));
    const part = partOf(range);
    const file = await this.#guard(() => absentAsUndefined(open(path)));
    if (file === undefined) throw new BlobNotFound(sha256, this.location);
    if (part === undefined) {
      return readingVerified(file.createReadStream(), sha256, this.location, this.#translate);
    }
    const { size } = await file.stat();
    if (part.start >= size) {
      await file.close();
      throw new RangeError(`Byte ${part.start} is past the end of blob sha256:${sha256} (${size} bytes).`);
    }
    return reading(file.createReadStream({ start: part.start, end: part.end ?? size - 1 }), this.#translate);
  }

  async stat(sha256: Sha256): Promise<BlobInfo | undefined> {
    const path = join(this.location, blobKey(sha256));
    const found = await this.#guard(() => absentAsUndefined(stat(path)));
    return found && { sha256, size: found.size };
  }

  async has(sha256: Sha256): Promise<boolean> {
    return (await this.stat(sha256)) !== undefined;
  }

  async *list(): AsyncIterable<BlobInfo> {
    for await (const key of this.#walk(BLOB_PREFIX)) {
      const sha256 = blobOfKey(key);
      const info = sha256 && (await this.stat(sha256));
      if (info) yield info;
    }
  }

  async putNamed(name: string, bytes: Uint8Array): Promise<void> {
    checkName(name);
    const aside = await this.#aside();
    try {
      await this.#guard(() => aside.file.appendFile(bytes));
      await this.#guard(() => aside.publish(join(this.location, name)).catch(refuseClash));
    } finally {
      await aside.discard();
    }
  }

  async getNamed(name: string): Promise<Buffer | undefined> {
    checkName(name);
    return this.#guard(() => absentAsUndefined(readFile(join(this.location, name))));
  }

  async deleteNamed(name: string): Promise<void> {
    checkName(name);
    await this.#guard(() => absentAsUndefined(rm(join(this.location, name))));
  }

  async *listNamed(prefix: string): AsyncIterable<string> {
    // Every name with the prefix lies below the prefix's last whole folder.
    const folder = prefix.slice(0, prefix.lastIndexOf('/') + 1);
    if (folder !== '') checkName(folder.slice(0, -1));
    for await (const name of this.#walk(folder)) if (name.startsWith(prefix)) yield name;
  }

  /** Every file below a folder, in the byte order of whole keys, as S3 lists them. */
  async *#walk(folder: string): AsyncIterable<string> {
    const entries = await this.#guard(() =>
      absentAsUndefined(readdir(join(this.location, folder), { withFileTypes: true })),
    );
    const hidden = (entry: Dirent) => folder === '' && (entry.name === INCOMING || entry.name === 'blobs');
    const keys = (entries ?? [])
      .filter(entry => !hidden(entry))
      .map(entry => `${folder}${entry.name}${entry.isDirectory() ? '/' : ''}`)
      .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    for (const key of keys) {
      if (key.endsWith('/')) yield* this.#walk(key);
      else yield key;
    }
  }

  async #aside(): Promise<AsideFile> {
    const path = join(this.location, INCOMING, randomUUID());
    return new AsideFile(path, await this.#guard(() => open(path, 'wx', 0o644)));
  }

  async #guard<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw this.#translate(error);
    }
  }
}

/** A file being written outside of what readers look at. */
class AsideFile {
  #published = false;

  constructor(
    readonly path: string,
    readonly file: FileHandle,
  ) {}

  async publish(target: string): Promise<void> {
    await this.file.sync();
    await makeFolder(dirname(target));
    await rename(this.path, target);
    this.#published = true;
    await syncFolder(dirname(target));
  }

  /** Closes the file, and removes it unless it was published. */
  async discard(): Promise<void> {
    await this.file.close().catch(() => {});
    if (!this.#published) await rm(this.path, { force: true }).catch(() => {});
  }
}

function chunksOf(source: BlobSource): AsyncIterable<Uint8Array> | Iterable<Uint8Array> {
  if (source instanceof Uint8Array) return [source];
  return 'file' in source ? createReadStream(source.file) : source;
}

/** Makes a folder and its parents so that they outlive a power cut. */
async function makeFolder(path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true });
  if (first === undefined) return;
  for (let made = path; made.length >= first.length; made = dirname(made)) await syncFolder(dirname(made));
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path);
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

function refuseClash(error: unknown): never {
  if (!CLASHES.has(errorCode(error) ?? '')) throw error;
  throw new InvalidName('A name cannot be an object and a folder of others at the same time.');
}

async function absentAsUndefined<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    // Below a file, or at a folder, there is no object either.
    if (['ENOENT', 'ENOTDIR', 'EISDIR', 'ERR_FS_EISDIR'].includes(errorCode(error) ?? '')) return undefined;
    throw error;
  }
}
