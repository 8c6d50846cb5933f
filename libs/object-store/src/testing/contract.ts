import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { describe, it } from 'node:test';
import { BlobMismatch, BlobNotFound, InvalidName } from '../errors.js';
import type { ObjectStore } from '../object-store.js';

const MIB = 1024 * 1024;

/**
 * What every store must do. `open` is called once per test and gives a store that may hold anything but must be
 * usable by several callers at a time.
 */
export function objectStoreContract(name: string, open: () => Promise<ObjectStore>): void {
  describe(`${name} keeps the object store's contract`, () => {
    it('gives back what was put, by its SHA-256', async () => {
      const store = await open();
      const bytes = randomBytes(1000);
      const info = await store.put(bytes);
      assert.deepEqual(info, { sha256: sha256(bytes), size: 1000 });
      assert.deepEqual(await buffer(await store.get(info.sha256)), bytes);
      assert.deepEqual(await store.stat(info.sha256), info);
      assert.equal(await store.has(info.sha256), true);
    });

    it('keeps an empty blob', async () => {
      const store = await open();
      const info = await store.put(Buffer.alloc(0));
      assert.equal(info.size, 0);
      assert.equal((await buffer(await store.get(info.sha256))).length, 0);
      assert.equal((await buffer(await store.get(info.sha256, { start: 0 }))).length, 0);
      await assert.rejects(store.get(info.sha256, { start: 0, end: 0 }), RangeError);
    });

    it('takes a stream of unknown length that is longer than a part, with repeated parts in it', async () => {
      const store = await open();
      const block = randomBytes(MIB);
      const total = 40 * MIB + 17;
      const hash = createHash('sha256');
      const info = await store.put(Readable.from(blocks(block, total, hash)));
      assert.deepEqual(info, { sha256: hash.digest('hex'), size: total });
      assert.equal((await store.stat(info.sha256))?.size, total);
      let read = 0;
      for await (const chunk of await store.get(info.sha256)) read += chunk.length;
      assert.equal(read, total);
    });

    it('takes a file', async () => {
      const store = await open();
      const dir = await mkdtemp(join(tmpdir(), 'tumbi-contract-'));
      try {
        const file = join(dir, 'file');
        const bytes = randomBytes(20 * MIB);
        await writeFile(file, bytes);
        const info = await store.put({ file }, sha256(bytes));
        assert.deepEqual(await buffer(await store.get(info.sha256)), bytes);
        await assert.rejects(store.put({ file: join(dir, 'absent') }), { code: 'ENOENT' });
      } finally {
        await rm(dir, { recursive: true });
      }
    });

    it('reads ranges', async () => {
      const store = await open();
      const bytes = randomBytes(5000);
      const { sha256: name } = await store.put(bytes);
      const range = async (start: number, end?: number) =>
        buffer(await store.get(name, end === undefined ? { start } : { start, end }));
      assert.deepEqual(await range(0, 0), bytes.subarray(0, 1));
      assert.deepEqual(await range(100, 299), bytes.subarray(100, 300));
      assert.deepEqual(await range(4000), bytes.subarray(4000));
      assert.deepEqual(await range(4000, 999_999), bytes.subarray(4000));
      assert.deepEqual(await range(0), bytes);
      for (const wrong of [{ start: 5000 }, { start: -1 }, { start: 2, end: 1 }, { start: 0.5 }]) {
        await assert.rejects(store.get(name, wrong), RangeError);
      }
    });

    it('refuses bytes that do not match the expected name, and shows nothing of them', async () => {
      const store = await open();
      for (const size of [100, 20 * MIB]) {
        const bytes = randomBytes(size);
        const wrong = sha256(randomBytes(8));
        await assert.rejects(store.put(Readable.from([bytes]), wrong), error => {
          assert.ok(error instanceof BlobMismatch);
          assert.deepEqual([error.expected, error.actual], [wrong, sha256(bytes)]);
          return true;
        });
        assert.equal(await store.has(wrong), false);
        assert.equal(await store.has(sha256(bytes)), false);
      }
    });

    it('shows nothing of a stream that breaks, and hands on its error', async () => {
      const store = await open();
      const start = randomBytes(20 * MIB);
      const broken = async function* () {
        yield start;
        throw new Error('the upload broke');
      };
      await assert.rejects(store.put(broken()), /the upload broke/);
      assert.equal(await store.has(sha256(start)), false);
    });

    it('takes the same blob from several callers at the same time', async () => {
      const store = await open();
      const bytes = randomBytes(17 * MIB);
      const puts = Array.from({ length: 6 }, () => store.put(Readable.from([bytes]), sha256(bytes)));
      for (const info of await Promise.all(puts)) assert.equal(info.size, bytes.length);
      assert.deepEqual(await buffer(await store.get(sha256(bytes))), bytes);
      assert.equal((await store.put(bytes)).sha256, sha256(bytes));
    });

    it('tells an absent blob', async () => {
      const store = await open();
      const absent = sha256(randomBytes(8));
      assert.equal(await store.stat(absent), undefined);
      assert.equal(await store.has(absent), false);
      await assert.rejects(
        store.get(absent),
        error => error instanceof BlobNotFound && error.sha256 === absent,
      );
      await assert.rejects(store.get(absent, { start: 1 }), BlobNotFound);
    });

    it('lists blobs in order, each once, with its size', async () => {
      const store = await open();
      const put = await Promise.all([1, 2, 3].map(size => store.put(randomBytes(size))));
      const listed = await collect(store.list());
      const names = listed.map(info => info.sha256);
      assert.deepEqual(names, [...new Set(names)].sort());
      for (const info of put)
        assert.deepEqual(
          listed.find(found => found.sha256 === info.sha256),
          info,
        );
    });

    it('refuses a name that is no SHA-256', async () => {
      const store = await open();
      for (const name of ['', 'abc', '../../etc/passwd', 'A'.repeat(64), `${'a'.repeat(64)}\n`]) {
        await assert.rejects(store.get(name), InvalidName);
        await assert.rejects(store.stat(name), InvalidName);
        await assert.rejects(store.put(Buffer.from('x'), name), InvalidName);
      }
    });

    it('writes, replaces, reads and removes named objects', async () => {
      const store = await open();
      const name = `apt/${randomBytes(6).toString('hex')}/dists/trixie/InRelease`;
      assert.equal(await store.getNamed(name), undefined);
      await store.putNamed(name, Buffer.from('one'));
      await store.putNamed(name, Buffer.from('two'));
      assert.equal(String(await store.getNamed(name)), 'two');
      await store.deleteNamed(name);
      await store.deleteNamed(name);
      assert.equal(await store.getNamed(name), undefined);
    });

    it('never shows a mixture of an old and a new named object', async () => {
      const store = await open();
      const name = `apt/${randomBytes(6).toString('hex')}/Packages`;
      const states = ['a', 'b'].map(letter => Buffer.from(letter.repeat(300_000)));
      const write = async () => {
        for (let round = 0; round < 10; round += 1) {
          for (const state of states) await store.putNamed(name, state);
        }
      };
      let writing = true;
      const written = write().finally(() => {
        writing = false;
      });
      while (writing) {
        const seen = await store.getNamed(name);
        if (seen !== undefined) assert.ok(states.some(state => state.equals(seen)));
      }
      await written;
    });

    it('lists named objects by prefix in byte order, without blobs', async () => {
      const store = await open();
      const top = `apt/${randomBytes(6).toString('hex')}`;
      const names = ['a-b', 'a/b', 'a/b+c', 'a0', 'dists/x/Release', 'dists/x~y'].map(
        tail => `${top}/${tail}`,
      );
      for (const name of names.toReversed()) await store.putNamed(name, Buffer.from(name));
      await store.put(randomBytes(10));
      assert.deepEqual(await collect(store.listNamed(`${top}/`)), names);
      assert.deepEqual(await collect(store.listNamed(`${top}/a/`)), [`${top}/a/b`, `${top}/a/b+c`]);
      assert.deepEqual(await collect(store.listNamed(`${top}/dists/x`)), names.slice(4));
      assert.deepEqual(await collect(store.listNamed(`${top}/none/`)), []);
      const all = await collect(store.listNamed(''));
      assert.ok(names.every(name => all.includes(name)));
      assert.ok(!all.some(name => name.startsWith('blobs/')));
    });

    it('refuses names that lead out of their place', async () => {
      const store = await open();
      const names = [
        '',
        '/x',
        'x/',
        'a//b',
        '../x',
        'a/../b',
        './a',
        '.hidden',
        'a/.b',
        'blobs/x',
        'a\\b',
        'a b',
        'a\n',
      ];
      for (const name of [...names, 'x'.repeat(256), 'a/'.repeat(600)]) {
        await assert.rejects(store.putNamed(name, Buffer.from('x')), InvalidName, name);
        await assert.rejects(store.getNamed(name), InvalidName, name);
        await assert.rejects(store.deleteNamed(name), InvalidName, name);
      }
    });

    it('answers a check', async () => {
      await (await open()).check();
    });
  });
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function* blocks(block: Buffer, total: number, hash: ReturnType<typeof createHash>): Iterable<Buffer> {
  for (let made = 0; made < total; made += block.length) {
    const part = block.subarray(0, Math.min(block.length, total - made));
    hash.update(part);
    yield part;
  }
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
