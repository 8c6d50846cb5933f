import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { StoreFull } from '../errors.js';
import { openFolderStore } from '../folder-store.js';

// Run by folder-store.int.spec.ts in a mount namespace where the folder given is a small, empty tmpfs.
const MIB = 1024 * 1024;
const [, , folder] = process.argv;
assert.ok(folder !== undefined, 'give the folder');

const store = await openFolderStore(join(folder, 'store'));
const kept = randomBytes(MIB);
const { sha256: keptName } = await store.put(kept);
await store.putNamed('apt/InRelease', Buffer.from('old'));
const ballast = join(folder, 'ballast');
await writeFile(ballast, Buffer.alloc(4 * MIB));

const large = randomBytes(6 * MIB);
await assert.rejects(store.put(large), error => {
  assert.ok(error instanceof StoreFull);
  assert.match(error.message, /store is full: free some space there, then try again; nothing was lost\.$/);
  return true;
});
await assert.rejects(store.putNamed('apt/InRelease', large), StoreFull);

assert.deepEqual(await readdir(join(folder, 'store/.incoming')), []);
assert.deepEqual(await buffer(await store.get(keptName)), kept);
assert.equal(String(await store.getNamed('apt/InRelease')), 'old');

await rm(ballast);
const { sha256 } = await store.put(large);
assert.deepEqual(await buffer(await store.get(sha256)), large);
console.log('kept everything');
