import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { parseControl } from './control.js';
import { publishSuite } from './publish.js';
import { readDeb } from './read-deb.js';
import type { BinaryPackage, RepositoryFiles, RepositorySigner, Suite } from './repository.js';
import { createSigningKey, openSigner } from './signing.js';
import { sourcesEntry } from './sources-entry.js';
import { packageStanza, poolPath } from './stanza.js';
import { bareRoot, runInRoot } from './testing/bare-root.js';
import { folderFiles } from './testing/folder-files.js';
import { madeUpPackage } from './testing/made-up-package.js';
import { makeDeb } from './testing/make-deb.js';
import { PrivateApt, run } from './testing/private-apt.js';
import { type RepositoryServer, serveRepository } from './testing/repository-server.js';

let dir: string;
let architecture: string;
let signer: RepositorySigner;
let packages: BinaryPackage[];
const debs = new Map<string, string>();

before(async () => {
  dir = await mkdtemp(join(tmpdir(), 'tumbi-apt-'));
  architecture = (await run('dpkg', ['--print-architecture'])).output.trim();
  signer = await openSigner((await createSigningKey({ name: 'Tumbi Tests' })).privateKey);
  const paths = [
    await makeDeb(dir, 'tumbi-plain'),
    await makeDeb(dir, 'libtumbi1', {
      Version: '2:1.0~rc1+b2-3',
      Architecture: architecture,
      Source: 'tumbi-src (1.0)',
      'Multi-Arch': 'same',
      Description: 'with marks in its version\n A longer text.\n .\n Its end.',
    }),
  ];
  packages = await Promise.all(paths.map(path => readDeb(path)));
  for (const [index, path] of paths.entries()) {
    const binary = packages[index];
    if (binary !== undefined) debs.set(poolPath('main', binary), path);
  }
});
after(() => rm(dir, { recursive: true, force: true }));

function suite(changes: Partial<Suite> = {}): Suite {
  return {
    name: 'trixie',
    origin: 'Tumbi',
    label: 'Tests',
    date: new Date(),
    architectures: [architecture],
    components: [{ name: 'main', packages }],
    ...changes,
  };
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** A published and served repository, and a sources entry for it. */
async function published(
  content = suite(),
): Promise<{ server: RepositoryServer; root: string; sources: string }> {
  const root = await mkdtemp(join(dir, 'repository-'));
  await publishSuite(folderFiles(root), content, signer);
  const server = await serveRepository(root, debs);
  const sources = sourcesEntry({
    uri: server.uri,
    suite: content.name,
    components: ['main'],
    signedBy: { publicKey: signer.publicKey },
  });
  return { server, root, sources };
}

describe("This machine's apt", () => {
  it('updates from the repository and downloads its packages', async () => {
    const { server, sources } = await published();
    await using _server = server;
    const apt = await PrivateApt.create(dir, sources);
    const update = await apt.run('apt-get', 'update');
    assert.equal(update.status, 0, update.output);
    assert.doesNotMatch(update.output, /^[WE]:/m);
    assert.ok(server.asked.some(path => path.includes('/by-hash/SHA256/')));

    const download = await apt.run('apt-get', 'download', 'tumbi-plain', 'libtumbi1');
    assert.equal(download.status, 0, download.output);
    const downloads = await readdir(join(apt.dir, 'downloads'));
    const digests = downloads.map(async name => sha256(await readFile(join(apt.dir, 'downloads', name))));
    assert.deepEqual((await Promise.all(digests)).sort(), packages.map(binary => binary.sha256).sort());
  });

  it('reads an index of several chunks, and an empty one', async () => {
    const many = Array.from({ length: 600 }, (_, number) => madeUpPackage(`made-up-${number}`));
    const { server, root, sources } = await published(
      suite({ components: [{ name: 'main', packages: many }] }),
    );
    await using _server = server;
    const apt = await PrivateApt.create(dir, sources);
    const names = async () => (await apt.run('apt-cache', 'pkgnames')).output.trim().split('\n').sort();
    // Each compression by itself: whichever apt likes less would never be read.
    for (const order of ['gz', 'zst']) {
      const update = await apt.run('apt-get', 'update', '-o', `Acquire::CompressionTypes::Order::=${order}`);
      assert.equal(update.status, 0, update.output);
      assert.deepEqual(await names(), many.map(binary => binary.name).sort());
      const index = await readFile(join(root, `dists/trixie/main/binary-${architecture}/Packages.${order}`));
      assert.ok(server.asked.at(-1)?.endsWith(`/by-hash/SHA256/${sha256(index)}`), `${order} was not read`);
      await rm(join(apt.dir, 'state/lists'), { recursive: true });
    }
    await publishSuite(folderFiles(root), suite({ components: [{ name: 'main', packages: [] }] }), signer);
    const update = await apt.run('apt-get', 'update');
    assert.equal(update.status, 0, update.output);
    assert.deepEqual(await names(), ['']);
  });

  it('takes Release with Release.gpg where InRelease is absent', async () => {
    const { server, sources } = await published();
    await using _server = server;
    server.tamper = (path, bytes) => (path.endsWith('/InRelease') ? undefined : bytes);
    const apt = await PrivateApt.create(dir, sources);
    const update = await apt.run('apt-get', 'update');
    assert.equal(update.status, 0, update.output);
    assert.ok(server.asked.some(path => path.endsWith('/Release.gpg')));
  });

  it('refuses an InRelease that was changed', async () => {
    const { server, sources } = await published();
    await using _server = server;
    server.tamper = (path, bytes) =>
      /Release$/.test(path) ? Buffer.from(String(bytes).replace('Label: Tests', 'Label: Evil!')) : bytes;
    const apt = await PrivateApt.create(dir, sources);
    const update = await apt.run('apt-get', 'update');
    assert.notEqual(update.status, 0);
    assert.match(update.output, /invalid|BADSIG|not signed/);
  });

  it('refuses a repository signed by another key', async () => {
    const { server, sources } = await published();
    await using _server = server;
    const other = await createSigningKey({ name: 'Somebody else' });
    const root = await mkdtemp(join(dir, 'other-'));
    await publishSuite(folderFiles(root), suite(), await openSigner(other.privateKey));
    const evil = await readFile(join(root, 'dists/trixie/InRelease'));
    server.tamper = (path, bytes) => (path.endsWith('/InRelease') ? evil : bytes);
    const apt = await PrivateApt.create(dir, sources);
    const update = await apt.run('apt-get', 'update');
    assert.notEqual(update.status, 0);
    assert.match(update.output, /NO_PUBKEY|not signed|Missing key/i);
  });

  it('refuses an index or a .deb that was changed', async () => {
    const { server, sources } = await published();
    await using _server = server;
    const apt = await PrivateApt.create(dir, sources);
    const flipLast = (bytes: Buffer) =>
      Buffer.concat([bytes.subarray(0, -1), Buffer.from([(bytes.at(-1) ?? 0) ^ 1])]);
    server.tamper = (path, bytes) =>
      path.includes('Packages') || path.includes('by-hash') ? flipLast(bytes) : bytes;
    const badIndex = await apt.run('apt-get', 'update');
    assert.notEqual(badIndex.status, 0);
    assert.match(badIndex.output, /Hash Sum mismatch/);

    server.tamper = (path, bytes) => (path.endsWith('.deb') ? flipLast(bytes) : bytes);
    assert.equal((await apt.run('apt-get', 'update')).status, 0);
    const badDeb = await apt.run('apt-get', 'download', 'tumbi-plain');
    assert.notEqual(badDeb.status, 0);
    assert.match(badDeb.output, /Hash Sum mismatch/);
  });

  it('sees a whole state after each single write of a publish', async () => {
    const { server, root, sources } = await published();
    await using _server = server;
    const apt = await PrivateApt.create(dir, sources);
    const files = folderFiles(root);
    let looks = 0;
    const look = async () => {
      looks += 1;
      const update = await apt.run('apt-get', 'update');
      assert.equal(update.status, 0, update.output);
      assert.doesNotMatch(update.output, /^[WE]:/m);
    };
    const looking: RepositoryFiles = {
      ...files,
      write: (path, bytes) => files.write(path, bytes).then(look),
    };
    await look();
    const other = madeUpPackage('made-up');
    await publishSuite(looking, suite({ components: [{ name: 'main', packages: [other] }] }), signer);
    assert.equal(looks, 9);
    assert.equal((await apt.run('apt-cache', 'pkgnames')).output, 'made-up\n');
  });

  it('goes on with the state that it began with when others are published meanwhile', async () => {
    const { server, root, sources } = await published();
    await using _server = server;
    const apt = await PrivateApt.create(dir, sources);
    let publishes = 0;
    server.before = async path => {
      while (path.includes('/by-hash/') && publishes < 15) {
        publishes += 1;
        const other = madeUpPackage('made-up', { Version: `1.${publishes}` });
        await publishSuite(
          folderFiles(root),
          suite({ components: [{ name: 'main', packages: [other] }] }),
          signer,
        );
      }
    };
    const update = await apt.run('apt-get', 'update');
    assert.equal(update.status, 0, update.output);
    assert.equal(publishes, 15);
    const names = (await apt.run('apt-cache', 'pkgnames')).output.trim().split('\n').sort();
    assert.deepEqual(names, ['libtumbi1', 'tumbi-plain']);
  });

  it('never sees half a publish while the suite is published again and again', async () => {
    const { server, root, sources } = await published();
    await using _server = server;
    const apt = await PrivateApt.create(dir, sources);
    const files = folderFiles(root);
    let publishing = true;
    let publishes = 0;
    const publisher = (async () => {
      while (publishing) {
        publishes += 1;
        const more = madeUpPackage('made-up', { Version: `1.${publishes}` });
        const content = suite({ components: [{ name: 'main', packages: [...packages, more] }] });
        await publishSuite(files, content, signer);
        await delay(5);
      }
    })();
    try {
      for (let round = 0; round < 20; round += 1) {
        const update = await apt.run('apt-get', 'update');
        assert.equal(update.status, 0, update.output);
        assert.doesNotMatch(update.output, /^[WE]:/m);
      }
    } finally {
      publishing = false;
      await publisher;
    }
    assert.ok(publishes >= 20, `only ${publishes} publishes`);
  });
});

describe('dpkg-scanpackages', () => {
  it('says the same of a .deb as the index does', async () => {
    for (const [path, deb] of debs) {
      const binary = packages.find(candidate => poolPath('main', candidate) === path);
      assert.ok(binary !== undefined);
      const scanned = await run('sh', ['-c', 'dpkg-scanpackages -m "$1" 2>/dev/null', 'sh', deb]);
      const ignored = ['Filename', 'SHA1'];
      const expected = parseControl(scanned.output).filter(field => !ignored.includes(field.name));
      const actual = parseControl(packageStanza('main', binary)).filter(
        field => !ignored.includes(field.name),
      );
      assert.deepEqual(actual, expected);
    }
  });
});

for (const debian of ['trixie', 'bookworm']) {
  describe(`The apt of a bare ${debian}`, () => {
    it('installs from the repository', async () => {
      const tarball = await bareRoot(debian);
      const { server, sources } = await published();
      await using _server = server;
      const script = `set -eu
rm -rf /etc/apt/sources.list /etc/apt/sources.list.d/*
cat > /etc/apt/sources.list.d/tumbi.sources <<'END'
${sources}END
apt update
apt install -y tumbi-plain libtumbi1
cat /usr/share/tumbi-test/tumbi-plain /usr/share/tumbi-test/libtumbi1
`;
      const { status, output } = await runInRoot(tarball, await mkdtemp(join(dir, 'bare-')), script);
      assert.equal(status, 0, output);
      assert.match(output, /^1\.0-1\n2:1\.0~rc1\+b2-3$/m);
      assert.doesNotMatch(output, /^[WE]: /m);
    });
  });
}
