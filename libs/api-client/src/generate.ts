import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { clientSource } from './generator/client-source.js';

/** Writes api.generated.ts from the gateway's OpenAPI document; with `--check`, only tells whether it differs. */

const file = join(import.meta.dirname, '../src/api.generated.ts');
const document = join(import.meta.dirname, '../../../services/gateway/generated/openapi.json');
const wanted = clientSource(JSON.parse(await readFile(document, 'utf8')));

if (!process.argv.includes('--check')) await writeFile(file, wanted);
else if ((await readFile(file, 'utf8').catch(() => '')) !== wanted) {
  console.error('src/api.generated.ts is not what the API says: run "npm run generate" and commit it.');
  process.exitCode = 1;
}
