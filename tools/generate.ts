// Writes the documents that follow from the code (JSON Schemas, AsyncAPI, OpenAPI): every project's dist/generate.js.
// With --check it only tells which of them differ.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { projectFolders, ROOT } from './projects.ts';

const generators = projectFolders()
  .map(folder => join(ROOT, folder, 'dist/generate.js'))
  .filter(existsSync);
// The client follows from the API's document, so a second round writes what the first one changed.
const rounds = process.argv.includes('--check') ? 1 : 2;
for (const generator of Array(rounds).fill(generators).flat()) {
  const { status } = spawnSync(process.execPath, [generator, ...process.argv.slice(2)], { stdio: 'inherit' });
  if (status !== 0) {
    process.exitCode = 1;
  }
}
