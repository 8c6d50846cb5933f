import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { InvalidPackage } from './errors.js';
import { publishSuite } from './publish.js';
import type { BinaryPackage, RepositorySigner, Suite } from './repository.js';
import { createSigningKey, openSigner } from './signing.js';
import { madeUpPackage } from './testing/made-up-package.js';
import { MemoryFiles } from './testing/memory-files.js';

const KEY_DATE = new Date('2026-01-01T00:00:00Z');

let signer: RepositorySigner;
before(async () => {
  signer = await openSigner((await createSigningKey({ name: 'Tests', date: KEY_DATE })).privateKey);
});

function suite(packages: BinaryPackage[], minute = 0): Suite {
  return {
    name: 'trixie',
    origin: 'Tumbi',
    label: 'Tests',
    date: new Date(KEY_DATE.getTime() + minute * 60_000),
    architectures: ['amd64', 'arm64'],
    components: [{ name: 'main', packages }],
  };
}

/** The by-hash paths that the visible InRelease names, for the indexes that are stored. */
function namedByInRelease(files: MemoryFiles): string[] {
  const lines = files.text('dists/trixie/InRelease').matchAll(/^ ([0-9a-f]{64}) +\d+ (.+)\/Packages\.\w+$/gm);
  return [...lines].map(([, digest, folder]) => `dists/trixie/${folder}/by-hash/SHA256/${digest}`);
}

describe('Publishing a suite', () => {
  it('writes by-hash files first and InRelease last', async () => {
    const files = new MemoryFiles();
    await publishSuite(files, suite([madeUpPackage('hello')]), signer);
    const kinds = files.changes.map(change =>
      change.includes('by-hash') ? 'by-hash' : change.split('/').at(-1),
    );
    assert.deepEqual(kinds, [
      ...Array(4).fill('by-hash'),
      'publishes.json',
      'Packages.gz',
      'Packages.zst',
      'Packages.gz',
      'Packages.zst',
      'Release.gpg',
      'Release',
      'InRelease',
    ]);
    assert.equal(namedByInRelease(files).length, 4);
  });

  it('leaves a whole state for clients wherever it is cut off, and recovers', async () => {
    const publishes = [0, 1, 2, 3].map(minute =>
      suite([madeUpPackage('hello', { Version: `${minute + 1}` })], minute),
    );
    const keep = { keepPublishes: 1, keepSeconds: 0 };
    for (let changes = 0; changes < 80; changes += 1) {
      const files = new MemoryFiles();
      for (const one of publishes) {
        files.breakAfter = changes;
        await publishSuite(files, one, signer, keep).catch(error =>
          assert.match(String(error), /broken off/),
        );
        for (const path of namedByInRelease(files))
          assert.ok(files.contents.has(path), `${path} after ${changes}`);
      }
      files.breakAfter = Number.POSITIVE_INFINITY;
      await publishSuite(files, suite([madeUpPackage('hello')], 9), signer, keep);
      for (const path of namedByInRelease(files)) assert.ok(files.contents.has(path));
    }
  });

  it('keeps the indexes of the last publishes and of the last while, and removes older ones', async () => {
    const files = new MemoryFiles();
    const byHash = () => [...files.contents.keys()].filter(path => path.includes('/by-hash/')).length;
    const publish = (minute: number) =>
      publishSuite(files, suite([madeUpPackage('hello', { Version: `${minute + 1}` })], minute), signer, {
        keepPublishes: 2,
        keepSeconds: 300,
      });
    // Both architectures' indexes are alike, but lie in folders of their own: four files to a publish.
    for (const minute of [0, 1, 2, 3]) await publish(minute);
    assert.equal(byHash(), 4 * 4, 'all within the last five minutes');
    await publish(60);
    assert.equal(byHash(), 3 * 4, 'this publish and the two before it');
  });

  it('gives equal files for equal input, whatever its order', async () => {
    const packages = [
      madeUpPackage('bb'),
      madeUpPackage('aa'),
      madeUpPackage('cc', { Architecture: 'amd64' }),
    ];
    const [first, second] = [new MemoryFiles(), new MemoryFiles()];
    await publishSuite(first, suite(packages), signer);
    await publishSuite(second, suite(packages.toReversed()), signer);
    assert.deepEqual(second.contents, first.contents);
  });

  it('puts packages for all architectures in every index, others in their own', async () => {
    const files = new MemoryFiles();
    const packages = [madeUpPackage('any'), madeUpPackage('one', { Architecture: 'amd64' })];
    const { pool } = await publishSuite(files, suite(packages), signer);
    const { gunzipSync } = await import('node:zlib');
    const names = (architecture: string) =>
      gunzipSync(files.contents.get(`dists/trixie/main/binary-${architecture}/Packages.gz`) ?? '')
        .toString()
        .match(/^Package: .*$/gm);
    assert.deepEqual(names('amd64'), ['Package: any', 'Package: one']);
    assert.deepEqual(names('arm64'), ['Package: any']);
    assert.deepEqual(
      pool.map(({ sha256, size }) => [sha256, size]),
      packages.map(({ sha256, size }) => [sha256, size]),
    );
  });

  it('refuses, before it writes anything, what no client could make sense of', async () => {
    const hello = madeUpPackage('hello');
    const refused: [BinaryPackage[], RegExp][] = [
      [[hello, { ...hello, sha256: '0'.repeat(64) }], /two different files of hello 1.0-1 all: untag one/],
      [[madeUpPackage('x', { Architecture: 'riscv64' })], /is for amd64, arm64, but x 1.0-1 is for riscv64/],
      [[madeUpPackage('../x')], /cannot be a package name/],
    ];
    for (const [packages, message] of refused) {
      const files = new MemoryFiles();
      await assert.rejects(publishSuite(files, suite(packages), signer), error => {
        assert.ok(error instanceof InvalidPackage);
        assert.match(error.message, message);
        return true;
      });
      assert.deepEqual(files.changes, []);
    }
  });

  it('says what to do about a damaged record', async () => {
    const files = new MemoryFiles();
    await files.write('dists/trixie/publishes.json', Buffer.from('[1'));
    await assert.rejects(publishSuite(files, suite([]), signer), /publishes\.json is damaged: remove it/);
  });
});
