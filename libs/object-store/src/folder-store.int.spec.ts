import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { BlobMismatch, InvalidName, StoreUnavailable } from './errors.js';
import { openFolderStore } from './folder-store.js';
import { objectStoreContract } from './testing/contract.js';
import { onSmallDisk } from './testing/small-disk.js';

let root: string;
before(async () => {
  root = await mkdtemp(join(tmpdir(), 'tumbi-folder-store-'));
});
after(() => rm(root, { recursive: true }));

objectStoreContract('A folder', () => openFolderStore(join(root, 'contract')));

describe('A folder store', () => {
  it('puts a blob where the design says, and nothing else beside it', async () => {
    const store = await openFolderStore(join(root, 'layout'));
    const { sha256 } = await store.put(Buffer.from('abc'));
    assert.deepEqual(await readdir(join(root, 'layout/blobs/sha256', sha256.slice(0, 2))), [sha256]);
    assert.deepEqual(await readdir(join(root, 'layout/.incoming')), []);
  });

  it('leaves no half-written file behind a refused blob', async () => {
    const store = await openFolderStore(join(root, 'refused'));
    await assert.rejects(store.put(Buffer.from('abc'), '0'.repeat(64)), BlobMismatch);
    assert.deepEqual(await readdir(join(root, 'refused/.incoming')), []);
  });

  it('tells a blob that has rotted, and mends it when it is put again', async () => {
    const store = await openFolderStore(join(root, 'rotten'));
    const { sha256 } = await store.put(Buffer.from('good bytes'));
    await writeFile(join(root, 'rotten/blobs/sha256', sha256.slice(0, 2), sha256), 'evil bytes');
    await assert.rejects(buffer(await store.get(sha256)), BlobMismatch);
    await store.put(Buffer.from('good bytes'));
    assert.equal(String(await buffer(await store.get(sha256))), 'good bytes');
  });

  it('removes what a killed process left long ago, and only that', async () => {
    const incoming = join(root, 'killed/.incoming');
    await mkdir(incoming, { recursive: true });
    for (const name of ['old', 'new']) await writeFile(join(incoming, name), 'half');
    const longAgo = new Date(Date.now() - 48 * 60 * 60 * 1000);
    await utimes(join(incoming, 'old'), longAgo, longAgo);
    await openFolderStore(join(root, 'killed'));
    assert.deepEqual(await readdir(incoming), ['new']);
  });

  it('refuses a name below another object', async () => {
    const store = await openFolderStore(join(root, 'nested'));
    await store.putNamed('apt/x', Buffer.from('file'));
    assert.equal(await store.getNamed('apt/x/below'), undefined);
    await assert.rejects(store.putNamed('apt/x/below', Buffer.from('x')), InvalidName);
    await assert.rejects(store.putNamed('apt', Buffer.from('x')), InvalidName);
  });

  it('says that the disk is full, loses nothing, and goes on when there is space again', async () => {
    const disk = join(root, 'disk');
    await mkdir(disk);
    const [command = '', ...line] = onSmallDisk(disk, 10);
    const program = fileURLToPath(new URL('testing/full-disk-program.js', import.meta.url));
    const { stdout } = await promisify(execFile)(command, [...line, process.execPath, program, disk]);
    assert.equal(stdout, 'kept everything\n');
  });

  it('says that it cannot be used when its folder has gone', async () => {
    const store = await openFolderStore(join(root, 'gone'));
    await rm(join(root, 'gone'), { recursive: true });
    await assert.rejects(store.put(Buffer.from('x')), StoreUnavailable);
    await assert.rejects(store.check(), StoreUnavailable);
  });

  it('says that it cannot be used when its place is taken by a file', async () => {
    await writeFile(join(root, 'a-file'), '');
    await assert.rejects(openFolderStore(join(root, 'a-file')), StoreUnavailable);
  });
});
