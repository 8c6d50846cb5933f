import { InvalidPackage } from './errors.js';

const BLOCK = 512;
const REGULAR = new Set(['0', '\0']);

/** How much of a tar archive may be read before the file is found, and how long that file may be, in bytes. */
export interface TarLimits {
  readonly archive: number;
  readonly file: number;
}

/**
 * The bytes of one regular file of a tar archive, read no further than that file's end; `undefined` when it is not
 * there. Throws `InvalidPackage` past a limit.
 */
export async function readTarFile(
  archive: AsyncIterable<Buffer>,
  path: string,
  limits: TarLimits,
): Promise<Buffer | undefined> {
  const reader = new ByteReader(archive, limits.archive);
  for (;;) {
    const header = await reader.take(BLOCK);
    if (header === undefined || header[0] === 0) return undefined;
    const size = Number.parseInt(text(header, 124, 12).trim() || '0', 8);
    if (!Number.isSafeInteger(size) || size < 0) throw new InvalidPackage('Its control archive is damaged.');
    const found =
      text(header, 0, 100).replace(/^\.\//, '') === path && REGULAR.has(text(header, 156, 1) || '\0');
    if (found) {
      if (size > limits.file)
        throw new InvalidPackage(`Its ${path} file is longer than ${limits.file} bytes.`);
      return reader.take(size);
    }
    await reader.skip(Math.ceil(size / BLOCK) * BLOCK);
  }
}

/** A NUL-terminated string in a header (POSIX ustar). */
function text(header: Buffer, start: number, length: number): string {
  const field = header.toString('latin1', start, start + length);
  const end = field.indexOf('\0');
  return end === -1 ? field : field.slice(0, end);
}

class ByteReader {
  readonly #chunks: AsyncIterator<Buffer>;
  #left: number;
  #pending: Buffer = Buffer.alloc(0);

  constructor(bytes: AsyncIterable<Buffer>, limit: number) {
    this.#chunks = bytes[Symbol.asyncIterator]();
    this.#left = limit;
  }

  /** The next bytes, or `undefined` when fewer are left. */
  async take(length: number): Promise<Buffer | undefined> {
    while (this.#pending.length < length) {
      const chunk = await this.#next();
      if (chunk === undefined) return undefined;
      this.#pending = Buffer.concat([this.#pending, chunk]);
    }
    const taken = this.#pending.subarray(0, length);
    this.#pending = this.#pending.subarray(length);
    return taken;
  }

  async skip(length: number): Promise<void> {
    let left = length;
    while (left > this.#pending.length) {
      left -= this.#pending.length;
      const chunk = await this.#next();
      this.#pending = chunk ?? Buffer.alloc(0);
      if (chunk === undefined) return;
    }
    this.#pending = this.#pending.subarray(left);
  }

  async #next(): Promise<Buffer | undefined> {
    const { value, done } = await this.#chunks.next();
    if (done) return undefined;
    this.#left -= value.length;
    if (this.#left < 0) throw new InvalidPackage('Its control archive is too large.');
    return value;
  }
}
