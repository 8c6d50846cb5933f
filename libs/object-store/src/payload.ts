import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { translateFileError } from './file-errors.js';
import type { BlobSource, Sha256 } from './object-store.js';

/** Bytes whose digest and length are known, ready to be sent in parts of any size. */
export interface Payload extends AsyncDisposable {
  readonly sha256: Sha256;
  readonly size: number;
  /** The next `length` bytes, fewer at the end. */
  read(length: number): Promise<Buffer>;
}

/**
 * Hashes a source before any of it is sent, because its name is its digest. Up to `memory` bytes of a stream are
 * kept in memory; a longer one goes to a file in `spoolDir`, which is removed when the payload is disposed of.
 */
export async function preparePayload(source: BlobSource, spoolDir: string, memory: number): Promise<Payload> {
  if (source instanceof Uint8Array)
    return inMemory(Buffer.from(source.buffer, source.byteOffset, source.byteLength));
  if ('file' in source) return ofFile(source.file);
  return ofStream(source, spoolDir, memory);
}

function inMemory(bytes: Buffer): Payload {
  let position = 0;
  return {
    sha256: createHash('sha256').update(bytes).digest('hex'),
    size: bytes.length,
    async read(length) {
      const part = bytes.subarray(position, position + length);
      position += part.length;
      return part;
    },
    async [Symbol.asyncDispose]() {},
  };
}

async function ofFile(path: string): Promise<Payload> {
  const hash = createHash('sha256');
  let size = 0;
  for await (const chunk of createReadStream(path)) {
    hash.update(chunk);
    size += chunk.length;
  }
  const file = await open(path);
  return fromHandle(file, hash.digest('hex'), size, () => file.close());
}

async function ofStream(
  source: AsyncIterable<Uint8Array>,
  spoolDir: string,
  memory: number,
): Promise<Payload> {
  const hash = createHash('sha256');
  const kept: Uint8Array[] = [];
  let size = 0;
  let spool: Spool | undefined;
  try {
    for await (const chunk of source) {
      hash.update(chunk);
      size += chunk.byteLength;
      if (spool === undefined && size > memory) {
        spool = await Spool.open(spoolDir);
        for (const early of kept.splice(0)) await spool.append(early);
      }
      if (spool === undefined) kept.push(chunk);
      else await spool.append(chunk);
    }
  } catch (error) {
    await spool?.remove();
    throw error;
  }
  if (spool === undefined) return inMemory(Buffer.concat(kept));
  const { file } = spool;
  return fromHandle(file, hash.digest('hex'), size, () => file.close());
}

function fromHandle(file: FileHandle, sha256: Sha256, size: number, dispose: () => Promise<void>): Payload {
  let position = 0;
  return {
    sha256,
    size,
    async read(length) {
      const part = Buffer.allocUnsafe(Math.min(length, size - position));
      let filled = 0;
      while (filled < part.length) {
        const { bytesRead } = await file.read(part, filled, part.length - filled, position + filled);
        if (bytesRead === 0) break;
        filled += bytesRead;
      }
      position += filled;
      return part.subarray(0, filled);
    },
    [Symbol.asyncDispose]: dispose,
  };
}

/** A temporary file that has no name once it is open, so that nothing is left of it after a crash. */
class Spool {
  private constructor(
    readonly file: FileHandle,
    readonly folder: string,
  ) {}

  static async open(folder: string): Promise<Spool> {
    const path = join(folder, `tumbi-spool-${randomUUID()}`);
    try {
      const file = await open(path, 'wx+', 0o600);
      await rm(path);
      return new Spool(file, folder);
    } catch (error) {
      throw translateFileError(error, folder);
    }
  }

  async append(chunk: Uint8Array): Promise<void> {
    try {
      await this.file.appendFile(chunk);
    } catch (error) {
      throw translateFileError(error, this.folder);
    }
  }

  remove(): Promise<void> {
    return this.file.close();
  }
}
