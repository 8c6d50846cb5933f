import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { BuildSource } from '@tumbi/contracts';
import type { MirrorSource } from '@tumbi/deb-mock';
import type { BlobStore } from '@tumbi/object-store';

/**
 * The source in the form that Deb-Mock takes: a mirror's package as it is, an uploaded one written to a folder.
 * The store's read verifies each blob against its name.
 */
export async function materialize(
  source: BuildSource,
  store: BlobStore,
  directory: string,
): Promise<{ dsc: string } | MirrorSource> {
  if (source.kind === 'archive')
    return { name: source.name, suite: source.suite, ...(source.version ? { version: source.version } : {}) };
  await mkdir(directory, { recursive: true });
  for (const file of source.files)
    await pipeline(await store.get(file.sha256), createWriteStream(join(directory, file.name)));
  return { dsc: join(directory, source.dsc) };
}
