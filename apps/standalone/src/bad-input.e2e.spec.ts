import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFile, truncate, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { makeSourcePackage } from '@tumbi/deb-mock/testing';
import { tokenDigest } from '@tumbi/gateway';
import { type Hub, startHub } from './testing/hub.js';

interface Problem {
  readonly message: string;
}

describe('what is wrong from the start', () => {
  let hub: Hub;
  let dsc: string;
  before(async () => {
    hub = await startHub();
    dsc = await makeSourcePackage(hub.home, { name: 'tumbi-bad' });
  });
  after(() => hub?.[Symbol.asyncDispose]());

  const upload = async (name: string, bytes: Buffer) => {
    const sha256 = digest(bytes);
    await fetch(`${hub.url}/api/blobs/${sha256}`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${hub.token}`, 'content-type': 'application/octet-stream' },
      body: new Uint8Array(bytes),
    });
    return { name, sha256, size: bytes.length };
  };
  const submit = (files: object[]) =>
    hub.api<Problem>('POST', '/api/builds', {
      source: { kind: 'upload', dsc: basename(dsc), files },
      suite: 'trixie',
    });
  const tarball = () => join(dirname(dsc), 'tumbi-bad_1.0.tar.xz');

  it('a file whose checksum is not the one in the .dsc', async () => {
    const bytes = await readFile(tarball());
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
    const { status, body } = await submit([
      await upload(basename(dsc), await readFile(dsc)),
      await upload('tumbi-bad_1.0.tar.xz', bytes),
    ]);
    assert.equal(status, 422);
    assert.match(body.message, /^tumbi-bad_1\.0\.tar\.xz does not match the checksum/);
  });

  for (const name of ['../../etc/passwd', 'sub/file.tar.xz', '..', '.hidden'])
    it(`a .dsc that lists ${name}`, async () => {
      const text = (await readFile(dsc, 'utf8')).replaceAll('tumbi-bad_1.0.tar.xz', name);
      const { status, body } = await submit([await upload(basename(dsc), Buffer.from(text))]);
      assert.equal(status, 422);
      assert.match(body.message, /not a usable \.dsc: the file name ".*" is not allowed/);
    });

  for (const name of ['../x.dsc', 'a/b', '', '.dsc'])
    it(`an upload that names a file ${JSON.stringify(name)}`, async () => {
      const { status } = await submit([{ name, sha256: '0'.repeat(64), size: 1 }]);
      assert.equal(status, 400);
    });

  it('a file of the .dsc that is not in the upload, or was never put', async () => {
    const listed = await upload(basename(dsc), await readFile(dsc));
    const missing = await submit([listed]);
    assert.deepEqual(
      [missing.status, missing.body.message],
      [422, 'tumbi-bad_1.0.tar.xz, which tumbi-bad_1.0.dsc lists, is not in the upload.'],
    );
    const unput = await submit([listed, { name: 'tumbi-bad_1.0.tar.xz', sha256: 'f'.repeat(64), size: 1 }]);
    assert.equal(unput.status, 422);
    assert.match(unput.body.message, /put it to \/api\/blobs\/ffff/);
  });

  it('bytes that are not those of their name', async () => {
    const answer = await fetch(`${hub.url}/api/blobs/${'0'.repeat(64)}`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${hub.token}`, 'content-type': 'application/octet-stream' },
      body: 'something else',
    });
    assert.equal(answer.status, 422);
    assert.match(((await answer.json()) as Problem).message, /expected sha256:0000/);
    assert.equal((await fetch(`${hub.url}/api/blobs/${'0'.repeat(64)}`, { method: 'HEAD' })).status, 404);
  });

  it('a body that is no JSON, too large, or of no shape', async () => {
    const post = (body: string) =>
      fetch(`${hub.url}/api/builds`, {
        method: 'POST',
        headers: { authorization: `Bearer ${hub.token}`, 'content-type': 'application/json' },
        body,
      });
    assert.equal((await post('{')).status, 400);
    assert.equal((await post('[]')).status, 400);
    assert.equal((await post(`"${'x'.repeat(2 << 20)}"`)).status, 413);
    const named = { source: { kind: 'archive', name: 'Hello World' }, suite: 'trixie' };
    const { status, body } = await hub.api<Problem>('POST', '/api/builds', named);
    assert.equal(status, 400);
    assert.match(body.message, /^source\.name: a Debian package name has lower-case letters/);
  });

  it('an id that is none, a build that is not there', async () => {
    assert.equal((await hub.api('GET', '/api/builds/not-an-id')).status, 400);
    const { status, body } = await hub.api<Problem>(
      'GET',
      '/api/builds/0192f0c1-0000-7000-8000-00000000abcd',
    );
    assert.equal(status, 404);
    assert.match(body.message, /`tumbi builds` lists them/);
  });

  it('writes without a token, with a wrong one, or with one that may only read', async () => {
    const reader = 'a-reader-token';
    const file = join(hub.home, 'tokens.json');
    const tokens = JSON.parse(await readFile(file, 'utf8')) as object[];
    await writeFile(
      file,
      JSON.stringify([...tokens, { name: 'eve', role: 'reader', sha256: tokenDigest(reader) }]),
    );
    const { body: api } = await hub.api<{ paths: Record<string, Record<string, object>> }>(
      'GET',
      '/api/openapi.json',
    );
    const writing = Object.entries(api.paths).flatMap(([path, methods]) =>
      Object.keys(methods)
        .filter(method => !['get', 'head', 'parameters'].includes(method))
        .map(method => ({ method: method.toUpperCase(), path: path.replace(/\{\w+\}/g, 'x') })),
    );
    assert.ok(writing.length >= 3, 'the document has the operations that write');
    const before = (await hub.events()).length;
    for (const { method, path } of writing) {
      const answer = async (authorization?: string) => {
        const reply = await fetch(hub.url + path, {
          method,
          headers: authorization ? { authorization } : {},
        });
        return [reply.status, ((await reply.json()) as Problem).message] as const;
      };
      const [none, wrong, reads] = [
        await answer(),
        await answer('Bearer nonsense'),
        await answer(`Bearer ${reader}`),
      ];
      assert.deepEqual([none[0], wrong[0], reads[0]], [401, 401, 403], `${method} ${path}`);
      assert.match(none[1], /needs a token: send it as/);
      assert.match(wrong[1], /not known here/);
      assert.match(reads[1], /eve has the role reader; this needs submitter/);
    }
    assert.equal((await hub.events()).length, before, 'nothing was written');
  });
});

describe('what turns out wrong in the build', () => {
  let hub: Hub;
  before(async () => {
    hub = await startHub();
    await hub.startRunner({ limits: { silenceSeconds: 3 } });
  });
  after(() => hub?.[Symbol.asyncDispose]());

  it('a source package that does not exist', async () => {
    const { body } = await hub.api<{ id: string }>('POST', '/api/builds', {
      source: { kind: 'archive', name: 'tumbi-does-not-exist' },
      suite: 'trixie',
    });
    const build = await hub.ended(body.id);
    assert.equal(build.state, 'Failed');
    assert.equal(build.attempts.at(-1)?.outcome, 'source');
    assert.match(build.message ?? '', /tumbi-does-not-exist/);
  });

  it('a tarball that was cut short before it was listed', async () => {
    const dsc = await makeSourcePackage(hub.home, { name: 'tumbi-short' });
    const tarball = join(hub.home, 'tumbi-short_1.0.tar.xz');
    const before = await readFile(tarball);
    await truncate(tarball, before.length >> 1);
    const after = await readFile(tarball);
    const relisted = ['sha256', 'sha1', 'md5'].reduce(
      (text, hash) => text.replaceAll(digest(before, hash), digest(after, hash)),
      await readFile(dsc, 'utf8'),
    );
    await writeFile(dsc, relisted.replaceAll(` ${before.length} `, ` ${after.length} `));
    const build = await hub.ended((await hub.submit(dsc)).id);
    assert.equal(build.attempts.at(-1)?.outcome, 'source', build.message ?? '');
    assert.equal(build.state, 'Failed');
  });

  it('build dependencies that nothing satisfies', async () => {
    const dsc = await makeSourcePackage(hub.home, {
      name: 'tumbi-unmet',
      buildDepends: 'tumbi-no-such-package (>= 3)',
    });
    const build = await hub.ended((await hub.submit(dsc)).id);
    assert.equal(build.state, 'BD-Uninstallable');
    assert.match(build.message ?? '', /tumbi-no-such-package/);
  });

  it('a build that fails', async () => {
    const dsc = await makeSourcePackage(hub.home, {
      name: 'tumbi-broken',
      build: ['echo the reason', 'exit 3'],
    });
    const build = await hub.ended((await hub.submit(dsc)).id);
    assert.equal(build.state, 'Build-Attempted');
    assert.equal(build.attempt, 1, "the package's own failure is not tried again");
    assert.equal(build.attempts.at(-1)?.outcome, 'package');
    assert.match(await (await fetch(`${hub.url}/api/builds/${build.id}/log`)).text(), /the reason/);
  });

  it('a build that hangs', async () => {
    const dsc = await makeSourcePackage(hub.home, { name: 'tumbi-hung', build: ['sleep 600'] });
    const build = await hub.ended((await hub.submit(dsc)).id);
    assert.equal(build.state, 'Build-Attempted');
    assert.equal(build.attempts.at(-1)?.outcome, 'timeout');
    assert.match(build.message ?? '', /3 s|silen|no output/i);
  });

  it('a build that takes longer than it may', async () => {
    const dsc = await makeSourcePackage(hub.home, {
      name: 'tumbi-endless',
      build: ['while :; do echo still here; sleep 0.5; done'],
    });
    const build = await hub.ended((await hub.submit(dsc, { timeLimit: 5 })).id);
    assert.equal(build.state, 'Build-Attempted');
    assert.equal(build.attempts.at(-1)?.outcome, 'timeout');
  });

  it('a build that prints 200 MB still succeeds, and its log is whole', async () => {
    const dsc = await makeSourcePackage(hub.home, {
      name: 'tumbi-loud',
      build: [`yes '${'loud '.repeat(20)}' | head -c 200000000`],
    });
    const { id } = await hub.submit(dsc);
    const build = await hub.ended(id);
    assert.equal(build.state, 'Installed', build.message ?? '');
    const head = await fetch(`${hub.url}/api/builds/${id}/log`, { method: 'HEAD' });
    assert.ok(Number(head.headers.get('content-length')) > 200_000_000);
    const memory = process.memoryUsage().rss / 2 ** 20;
    assert.ok(memory < 1_024, `the services and this test stay small: ${memory.toFixed(0)} MiB`);
  });

  it('leaves nothing behind that stops the next build', async () => {
    const dsc = await makeSourcePackage(hub.home, { name: 'tumbi-good' });
    assert.equal((await hub.ended((await hub.submit(dsc)).id)).state, 'Installed');
    const { body } = await hub.api<{ deadLetters: object[] }>('GET', '/api/dead-letters');
    assert.deepEqual(body.deadLetters, []);
  });
});

describe('a gateway whose tokens can not be read', () => {
  it('does not start, and says why', () =>
    assert.rejects(
      startHub({ gateway: { tokensFile: '/nonexistent/tokens.json' } }),
      /^Error: The tokens in \/nonexistent\/tokens\.json \(TUMBI_TOKENS\) can't be used: ENOENT/,
    ));
});

describe('a mirror that is down', () => {
  it("is tried again, and never the package's fault", async () => {
    await using hub = await startHub();
    await hub.startRunner({ mirror: 'http://127.0.0.1:9/debian' });
    const dsc = await makeSourcePackage(hub.home, { name: 'tumbi-offline' });
    const build = await hub.ended((await hub.submit(dsc)).id);
    assert.equal(build.state, 'Failed');
    assert.deepEqual(
      build.attempts.map(attempt => attempt.outcome),
      ['infrastructure', 'infrastructure', 'infrastructure'],
    );
    assert.match(build.message ?? '', /127\.0\.0\.1:9/);
  });
});

function digest(bytes: Buffer, hash = 'sha256'): string {
  return createHash(hash).update(bytes).digest('hex');
}
