import { lstat, readdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { isPackageName, isSafeFileName, isVersion, parseChecksums, parseParagraph } from './control.js';
import { sha256File } from './digest.js';
import { run } from './run.js';
import { BuildError, type BuiltDeb } from './types.js';

/** Longer than any .changes of Debian's archive by far. */
const maximumChangesBytes = 16 << 20;

/** What a build made, with names relative to the result directory. */
export interface BuildResults {
  readonly debs: readonly BuiltDeb[];
  readonly changes: string;
  readonly buildinfo?: string;
}

/**
 * Takes what the .changes file of a finished build names, and nothing else. All of it was written by the package:
 * names are checked, files are hashed again, and control fields are read from the .debs.
 *
 * @param from where sbuild put everything
 * @param to directory that receives the files
 * @throws BuildError of class `package`
 */
export async function collectResults(from: string, to: string, signal?: AbortSignal): Promise<BuildResults> {
  const names = (await readdir(from)).filter(name => name.endsWith('.changes'));
  const [changes] = names;
  if (!changes || names.length > 1)
    throw bad(`The build left ${names.length} .changes files instead of one.`);
  const files = await listedFiles(from, changes);
  const debs: BuiltDeb[] = [];
  for (const file of files) {
    await verify(from, file, signal);
    if (!file.name.endsWith('.deb')) continue;
    const control = await readControl(join(from, file.name), signal);
    const [name, version, architecture] = ['Package', 'Version', 'Architecture'].map(
      field => control[field] ?? '',
    );
    if (!name || !version || !architecture || !isPackageName(name) || !isVersion(version)) {
      throw bad(`${file.name} does not say what it is.`);
    }
    if (file.name !== `${name}_${version.replace(/^\d+:/, '')}_${architecture}.deb`) {
      throw bad(`${file.name} holds ${name} ${version} for ${architecture}.`);
    }
    debs.push({
      file: file.name,
      name,
      version,
      architecture,
      sha256: file.sha256,
      size: file.size,
      control,
    });
  }
  for (const name of [changes, ...files.map(file => file.name)])
    await rename(join(from, name), join(to, name));
  const buildinfo = files.find(file => file.name.endsWith('.buildinfo'))?.name;
  return { debs, changes, buildinfo };
}

async function listedFiles(directory: string, changes: string) {
  const status = await lstat(join(directory, changes));
  if (!isSafeFileName(changes) || !status.isFile() || status.size > maximumChangesBytes) {
    throw bad(`The build's .changes file is not usable.`);
  }
  try {
    const fields = parseParagraph(await readFile(join(directory, changes), 'utf8'));
    return parseChecksums(fields.get('Checksums-Sha256') ?? '');
  } catch (error) {
    throw bad(`${changes} is not usable: ${error instanceof Error ? error.message : error}.`);
  }
}

async function verify(
  directory: string,
  file: { name: string; size: number; sha256: string },
  signal?: AbortSignal,
): Promise<void> {
  const path = join(directory, file.name);
  const status = await lstat(path).catch(() => undefined);
  if (!status?.isFile()) throw bad(`${file.name}, which the .changes file names, was not built.`);
  if (status.size !== file.size || (await sha256File(path, signal)) !== file.sha256) {
    throw bad(`${file.name} does not match the .changes file.`);
  }
}

async function readControl(path: string, signal?: AbortSignal): Promise<Record<string, string>> {
  const limited = ['prlimit', '--cpu=30', `--as=${1 << 30}`, 'dpkg-deb', '--field', path];
  const { code, stdout } = await run(limited, { timeoutSeconds: 60, signal });
  try {
    if (code === 0) return Object.fromEntries(parseParagraph(stdout));
  } catch {
    // Reported below, as what dpkg-deb itself refuses is.
  }
  throw bad(`${path.slice(path.lastIndexOf('/') + 1)} has no readable control fields.`);
}

function bad(message: string): BuildError {
  return new BuildError({ class: 'package', stage: 'results', message });
}
