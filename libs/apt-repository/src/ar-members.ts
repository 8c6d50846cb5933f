import type { FileHandle } from 'node:fs/promises';
import { InvalidPackage } from './errors.js';

const MAGIC = '!<arch>\n';
const HEADER = 60;
const MAX_MEMBERS = 16;

/**
 * The names of an ar archive's members (deb(5)), after checking that they fill the file exactly, so that a truncated
 * file is refused without decompressing any of it.
 */
export async function arMembers(file: FileHandle, size: number): Promise<string[]> {
  if ((await readText(file, 0, MAGIC.length)) !== MAGIC) throw new InvalidPackage('It is not an ar archive.');
  const names: string[] = [];
  let position = MAGIC.length;
  while (position < size) {
    const header = await readText(file, position, HEADER);
    const { name, length } = /^(?<name>.{16}).{32}(?<length>\d+) *`\n$/s.exec(header)?.groups ?? {};
    if (name === undefined || header.length < HEADER || names.length === MAX_MEMBERS) {
      throw new InvalidPackage('Its ar archive is damaged.');
    }
    names.push(name.trim().replace(/\/$/, ''));
    const end = position + HEADER + Number(length);
    if (end > size) throw new InvalidPackage(`It is truncated: ${end - size} bytes are missing.`);
    // Members begin at even offsets.
    position = end + (end % 2);
  }
  return names;
}

async function readText(file: FileHandle, position: number, length: number): Promise<string> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position);
  return buffer.toString('latin1', 0, bytesRead);
}
