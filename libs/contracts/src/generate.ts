import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { documents } from './documents.js';

/** Writes the documents that follow from the events; with `--check`, only tells which of them differ. */

const { values } = parseArgs({
  options: {
    check: { type: 'boolean', default: false },
    out: { type: 'string', default: join(import.meta.dirname, '../generated') },
  },
});
const wanted = documents();
const found = await files(values.out);

const different = [...wanted.keys()].filter(path => wanted.get(path) !== found.get(path));
const left = [...found.keys()].filter(path => !wanted.has(path));

if (values.check) {
  for (const path of [...different, ...left])
    console.error(`generated/${path} is not what the events say: run "npm run generate" and commit it.`);
  process.exitCode = different.length || left.length ? 1 : 0;
} else {
  for (const path of different) {
    await mkdir(dirname(join(values.out, path)), { recursive: true });
    await writeFile(join(values.out, path), wanted.get(path) ?? '');
  }
  for (const path of left) await rm(join(values.out, path));
}

/** The folder's files by their paths in it; none when there is no folder. */
async function files(folder: string): Promise<Map<string, string>> {
  const texts = new Map<string, string>();
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    texts.set(path.slice(folder.length + 1), await readFile(path, 'utf8'));
  }
  return texts;
}
