import 'reflect-metadata';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createPreview, openApi } from './openapi.js';

/** Writes the API's OpenAPI document; with `--check`, only tells whether the committed one differs. */

const file = join(import.meta.dirname, '../generated/openapi.json');
const wanted = `${JSON.stringify(openApi(await createPreview()), null, 2)}\n`;

if (process.argv.includes('--check')) {
  if ((await readFile(file, 'utf8').catch(() => '')) !== wanted) {
    console.error('generated/openapi.json is not what the API says: run "npm run generate" and commit it.');
    process.exitCode = 1;
  }
} else {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, wanted);
}
