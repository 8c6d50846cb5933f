// Writes the documents that follow from the code (JSON Schemas, AsyncAPI, OpenAPI): every project's dist/generate.js.
// With --check it only tells which of them differ.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { projectFolders, ROOT } from './projects.ts';

for (const folder of projectFolders()) {
  const generator = join(ROOT, folder, 'dist/generate.js');
  if (existsSync(generator)) {
    const { status } = spawnSync(process.execPath, [generator, ...process.argv.slice(2)], {
      stdio: 'inherit',
    });
    if (status !== 0) {
      process.exitCode = 1;
    }
  }
}
