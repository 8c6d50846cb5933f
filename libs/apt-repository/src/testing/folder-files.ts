import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import type { RepositoryFiles } from '../repository.js';

/** A repository in a folder, each file replaced at once. */
export function folderFiles(root: string): RepositoryFiles {
  let count = 0;
  return {
    read: path => readFile(join(root, path)).catch(() => undefined),
    async write(path, bytes) {
      const aside = join(root, `.aside-${count++}`);
      await mkdir(dirname(join(root, path)), { recursive: true });
      await writeFile(aside, bytes);
      await rename(aside, join(root, path));
    },
    remove: path => rm(join(root, path)),
    async *list(prefix) {
      for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
        const path = relative(root, join(entry.parentPath, entry.name));
        if (entry.isFile() && path.startsWith(prefix)) yield path;
      }
    },
  };
}
