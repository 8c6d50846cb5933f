import { mkdir, readdir, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256File } from './digest.js';
import type { InstalledPackage } from './types.js';

/** Format for `dpkg-query --show` that {@link recordInstalled} reads. */
export const installedFormat = ['db:Status-Abbrev', 'Package', 'Version', 'Architecture']
  .map(field => `\${${field}}`)
  .join('\\t')
  .concat('\\n');

/**
 * Takes the .debs of an apt archive directory into the store (one file for each content, named by its sha256) and
 * joins them with what is installed.
 *
 * @param listing output of `dpkg-query --show` in {@link installedFormat}
 * @param known packages whose .debs are in the store already
 * @returns every installed package, sorted by name
 * @throws Error that names an installed package whose .deb is not there
 */
export async function recordInstalled(
  listing: string,
  archives: string,
  store: string,
  known: readonly InstalledPackage[] = [],
): Promise<InstalledPackage[]> {
  await mkdir(store, { recursive: true });
  const recorded = new Map(known.map(entry => [identity(entry), entry]));
  const names = new Set((await readdir(archives)).filter(name => name.endsWith('.deb')));
  const installed: InstalledPackage[] = [];
  for (const line of listing.split('\n')) {
    const [status, name, version, architecture] = line.split('\t');
    if (!status?.startsWith('ii') || !name || !version || !architecture) continue;
    const file = `${name}_${version.replaceAll(':', '%3a')}_${architecture}.deb`;
    const before = recorded.get(identity({ name, version, architecture }));
    if (before && !names.has(file)) {
      installed.push(before);
      continue;
    }
    if (!names.has(file))
      throw new Error(`the .deb of the installed package ${name} ${version} was not kept`);
    const { sha256, size } = await keep(join(archives, file), store);
    installed.push({ name, version, architecture, sha256, size });
  }
  return installed.toSorted((a, b) => (identity(a) < identity(b) ? -1 : 1));
}

function identity(entry: Pick<InstalledPackage, 'name' | 'version' | 'architecture'>): string {
  return `${entry.name} ${entry.architecture} ${entry.version}`;
}

/** Moves a .deb into the store. */
async function keep(file: string, store: string): Promise<{ sha256: string; size: number }> {
  const sha256 = await sha256File(file);
  const { size } = await stat(file);
  await rename(file, join(store, `${sha256}.deb`));
  return { sha256, size };
}
