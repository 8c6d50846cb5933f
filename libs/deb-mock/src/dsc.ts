import { lstat, readFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import {
  byLowerCase,
  isPackageName,
  isSafeFileName,
  isVersion,
  type ListedFile,
  parseChecksums,
  parseParagraph,
  withoutSignature,
} from './control.js';
import { sha256File } from './digest.js';
import { BuildError, type FileDigest, type SourcePackage } from './types.js';

/** Longer than any .dsc of Debian's archive by far. */
const maximumBytes = 4 << 20;

/**
 * Reads a .dsc and checks the files that it lists, which must lie beside it. The signature, if there is one, is not
 * checked: who may submit what is the caller's matter.
 *
 * @throws BuildError of class `source` if anything is missing, malformed or does not match
 */
export async function readDsc(path: string, options: { signal?: AbortSignal } = {}): Promise<SourcePackage> {
  const dsc = resolve(path);
  const name = basename(dsc);
  const text = await readText(dsc);
  let parsed: ParsedDsc;
  try {
    if (!isSafeFileName(name)) throw new Error('its own file name is not allowed');
    parsed = parseDsc(text);
  } catch (error) {
    throw sourceError(`${name} is not a usable .dsc: ${error instanceof Error ? error.message : error}.`);
  }
  const files: FileDigest[] = [
    { name, size: Buffer.byteLength(text), sha256: await sha256File(dsc, options.signal) },
  ];
  for (const file of parsed.files) {
    await verify(dirname(dsc), file, options.signal);
    files.push(file);
  }
  const { name: source, version, fields } = parsed;
  const architectures = words(fields.architecture, /\s+/);
  return {
    name: source,
    version,
    architectures,
    binaries: words(fields.binary, /[\s,]+/),
    dsc,
    files,
    fields,
  };
}

/** The text of a .dsc, as far as it can be checked without the files. */
export interface ParsedDsc {
  readonly name: string;
  readonly version: string;
  readonly files: readonly ListedFile[];
  /** Names in lower case. */
  readonly fields: Readonly<Record<string, string>>;
}

/**
 * Parses the text of a .dsc, as dsc(5) describes it.
 *
 * @throws Error that says what is wrong, as the end of a sentence
 */
export function parseDsc(text: string): ParsedDsc {
  const fields = byLowerCase(parseParagraph(withoutSignature(text)));
  const field = (name: string) => {
    const value = fields[name.toLowerCase()];
    if (!value) throw new Error(`it has no field ${name}`);
    return value;
  };
  const name = field('Source');
  const version = field('Version');
  if (!isPackageName(name)) throw new Error(`the source name ${JSON.stringify(name)} is not allowed`);
  if (!isVersion(version)) throw new Error(`the version ${JSON.stringify(version)} is not allowed`);
  const files = parseChecksums(field('Checksums-Sha256'));
  const listed = field('Files')
    .split('\n')
    .flatMap(line => line.trim().split(/\s+/).slice(2));
  const strange = listed.find(file => !isSafeFileName(file));
  if (strange !== undefined) throw new Error(`the file name ${JSON.stringify(strange)} is not allowed`);
  if (
    listed.toSorted().join() !==
    files
      .map(file => file.name)
      .toSorted()
      .join()
  ) {
    throw new Error('its fields Files and Checksums-Sha256 do not list the same files');
  }
  return { name, version, files, fields };
}

async function readText(dsc: string): Promise<string> {
  const status = await lstat(dsc).catch(() => undefined);
  if (!status?.isFile()) throw sourceError(`There is no file ${dsc}.`);
  if (status.size > maximumBytes) throw sourceError(`${basename(dsc)} is too long for a .dsc.`);
  return await readFile(dsc, 'utf8');
}

async function verify(directory: string, file: ListedFile, signal?: AbortSignal): Promise<void> {
  const path = join(directory, file.name);
  const status = await lstat(path).catch(() => undefined);
  if (!status?.isFile()) throw sourceError(`${file.name}, which the .dsc lists, is missing.`);
  if (status.size !== file.size) {
    throw sourceError(
      `${file.name} has ${status.size} bytes instead of the ${file.size} that the .dsc lists.`,
    );
  }
  if ((await sha256File(path, signal)) !== file.sha256) {
    throw sourceError(`${file.name} does not match the SHA-256 checksum that the .dsc lists.`);
  }
}

function words(field: string | undefined, separator: RegExp): string[] {
  return (field ?? '').split(separator).filter(word => word !== '');
}

function sourceError(message: string): BuildError {
  return new BuildError({ class: 'source', stage: 'source', message });
}
