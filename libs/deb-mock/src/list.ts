import { readdir, readFile } from 'node:fs/promises';
import { Cache } from './cache.js';
import type { BaseRoot } from './types.js';

/** The base roots in a cache, by suite and then the newest first. */
export async function listBaseRoots(cacheDir: string): Promise<BaseRoot[]> {
  const cache = await Cache.open(cacheDir);
  const roots: BaseRoot[] = [];
  for (const key of await readdir(cache.path('bases'))) {
    const directory = cache.path('bases', key);
    roots.push({ ...JSON.parse(await readFile(cache.path('bases', key, 'base.json'), 'utf8')), directory });
  }
  return roots.toSorted(
    (a, b) => a.suite.localeCompare(b.suite) || b.releaseDate.localeCompare(a.releaseDate),
  );
}
