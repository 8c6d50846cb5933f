import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isAggregateId, newId } from '@tumbi/contracts';

/** The runner's id: made once and kept in its folder, so that it is the same runner after a restart. */
export async function runnerId(directory: string): Promise<string> {
  await mkdir(directory, { recursive: true });
  const file = join(directory, 'id');
  const known = await readFile(file, 'utf8').then(
    text => text.trim(),
    () => '',
  );
  if (isAggregateId(known)) return known;
  const id = newId();
  await writeFile(file, `${id}\n`);
  return id;
}
