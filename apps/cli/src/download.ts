import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Unreachable } from '@tumbi/api-client';
import { CommandError } from './errors.js';
import { EXIT } from './exit-status.js';

/**
 * Puts a file in its place once all of it is there and has the digest; what is there already is left.
 * @throws CommandError when the bytes have another digest, and the file is not kept
 */
export async function download(open: () => Promise<Response>, path: string, sha256: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  if ((await digestOf(path)) === sha256) return;
  const { body } = await open();
  const part = join(dirname(path), `.${basename(path)}.${process.pid}.part`);
  try {
    await pipeline(body ? whole(body) : [], createWriteStream(part));
    const got = await digestOf(part);
    if (got !== sha256)
      throw new CommandError(
        `${basename(path)} came with the SHA-256 ${got} instead of ${sha256}, and was not kept; try again.`,
        EXIT.error,
      );
    await rename(part, path);
  } finally {
    await rm(part, { force: true });
  }
}

/** The bytes of a body, or a sentence when the connection breaks. */
export async function* whole(body: NonNullable<Response['body']>): AsyncGenerator<Uint8Array> {
  try {
    yield* Readable.fromWeb(body);
  } catch (error) {
    throw new Unreachable('The connection to the server broke; try again.', { cause: error });
  }
}

async function digestOf(path: string): Promise<string | undefined> {
  const hash = createHash('sha256');
  try {
    for await (const chunk of createReadStream(path)) hash.update(chunk);
    return hash.digest('hex');
  } catch {
    return undefined;
  }
}
