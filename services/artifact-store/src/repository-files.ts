import type { RepositoryFiles } from '@tumbi/apt-repository';
import { repositoryObject } from '@tumbi/contracts';
import type { NamedObjects } from '@tumbi/object-store';

/** A tag's repository as named objects. */
export function repositoryFiles(store: NamedObjects, tag: string): RepositoryFiles {
  const prefix = repositoryObject(tag, '');
  return {
    read: path => store.getNamed(prefix + path),
    write: (path, bytes) => store.putNamed(prefix + path, bytes),
    remove: path => store.deleteNamed(prefix + path),
    async *list(start) {
      for await (const name of store.listNamed(prefix + start)) yield name.slice(prefix.length);
    },
  };
}
