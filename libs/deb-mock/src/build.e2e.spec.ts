import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Cache } from './cache.js';
import {
  type BuildInputs,
  type BuildOutcome,
  type BuildRequest,
  build,
  defaultCacheDir,
  ensureBaseRoot,
  fetchSource,
  hostDebianMirror,
  type Phase,
} from './index.js';
import { makeSourcePackage, type TestPackage } from './testing/source-package.js';

/** Real builds for trixie, all with one base root, which a cold cache gets first. */
const cacheDir = process.env.TUMBI_TEST_CACHE || defaultCacheDir();
const mirror = hostDebianMirror();
const suite = 'trixie';

let directory: string;

before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'deb-mock-test-'));
  await ensureBaseRoot({ suite, mirror, cacheDir });
});

after(async () => {
  await rm(directory, { recursive: true, force: true });
});

let results = 0;

/** Builds into a new result folder. */
async function buildFrom(dsc: string, options: Partial<BuildRequest> = {}): Promise<BuildOutcome> {
  const resultDir = join(directory, `result-${++results}`);
  return await build({ source: { dsc }, suite, mirror, cacheDir, resultDir, ...options });
}

async function packageIn(name: string, wanted: Omit<TestPackage, 'name'> = {}): Promise<string> {
  return await makeSourcePackage(await mkdtemp(join(directory, 'source-')), { name, ...wanted });
}

async function buildPackage(
  name: string,
  wanted: Omit<TestPackage, 'name'>,
  options: Partial<BuildRequest> = {},
): Promise<BuildOutcome> {
  return await buildFrom(await packageIn(name, wanted), options);
}

function assertFailure(outcome: BuildOutcome, failureClass: string, message: RegExp): void {
  assert.equal(outcome.status, 'failed');
  assert.equal(outcome.failure?.class, failureClass, outcome.failure?.message);
  assert.match(outcome.failure?.message ?? '', message);
  assert.deepEqual(outcome.debs, []);
}

/** Command lines of this machine's processes that contain a text. */
async function processesWith(text: string): Promise<string[]> {
  const found: string[] = [];
  for (const pid of await readdir('/proc')) {
    if (!/^\d+$/.test(pid)) continue;
    const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (line.includes(text)) found.push(line.replaceAll('\0', ' '));
  }
  return found;
}

/** Names of other users' and of this test's mounts and private folders that are left. */
async function leftovers(resultParent = directory): Promise<string[]> {
  const hidden = (await readdir(resultParent)).filter(name => name.startsWith('.result'));
  const mounts = await readFile('/proc/self/mounts', 'utf8');
  return [
    ...hidden,
    ...mounts.split('\n').filter(line => line.includes('lowerdir=') && line.includes('layers/')),
  ];
}

describe('a build that succeeds', () => {
  let outcome: BuildOutcome;
  const phases: Phase[] = [];
  let inputs: BuildInputs | undefined;
  let logBeforeInputs = '';
  let logged = '';

  before(async () => {
    process.env.SOURCE_DATE_EPOCH = '1';
    outcome = await buildPackage(
      'tumbi-good',
      { build: ['echo "epoch is $SOURCE_DATE_EPOCH"', 'id --user', 'cat /proc/self/status'] },
      {
        onPhase: phase => phases.push(phase),
        onLog: lines => {
          assert.ok(lines.endsWith('\n'));
          logged += lines;
        },
        onInputs: async known => {
          await sleep(10);
          logBeforeInputs = logged;
          inputs = known;
        },
      },
    );
    delete process.env.SOURCE_DATE_EPOCH;
  });

  test('gives the .deb, read back and hashed', async () => {
    assert.equal(outcome.status, 'succeeded', outcome.failure?.message);
    const [deb, ...others] = outcome.debs;
    assert.ok(deb);
    assert.deepEqual(others, []);
    const bytes = await readFile(deb.file);
    assert.equal(deb.sha256, createHash('sha256').update(bytes).digest('hex'));
    assert.equal(deb.size, bytes.length);
    assert.deepEqual([deb.name, deb.version, deb.architecture], ['tumbi-good', '1.0', 'all']);
    assert.equal(deb.control.Maintainer, 'Test <test@example.org>');
  });

  test('leaves a folder with the log, the metadata, .changes and .buildinfo', async () => {
    const folder = dirname(outcome.log.file);
    const names = await readdir(folder);
    assert.deepEqual(names.toSorted(), [
      'build.log',
      'metadata.json',
      'tumbi-good_1.0_all.deb',
      ...['buildinfo', 'changes'].map(kind => `tumbi-good_1.0_${inputs?.base.architecture}.${kind}`),
    ]);
    const metadata = JSON.parse(await readFile(join(folder, 'metadata.json'), 'utf8'));
    assert.equal(metadata.debs[0].file, 'tumbi-good_1.0_all.deb');
    assert.deepEqual(metadata.inputs, JSON.parse(JSON.stringify(inputs)));
  });

  test('names every input before the build begins', () => {
    assert.equal(logBeforeInputs, '');
    assert.deepEqual(outcome.inputs, inputs);
    assert.ok(inputs);
    assert.match(inputs.base.digest, /^[0-9a-f]{64}$/);
    assert.deepEqual(
      inputs.source.files.map(file => file.name),
      ['tumbi-good_1.0.dsc', 'tumbi-good_1.0.tar.xz'],
    );
    const gcc = inputs.packages.find(entry => entry.name === 'gcc');
    assert.match(gcc?.sha256 ?? '', /^[0-9a-f]{64}$/);
    assert.match(inputs.tools.sbuild ?? '', /^0\./);
  });

  test('goes through its phases and streams its log', async () => {
    assert.deepEqual(phases, ['source', 'base', 'dependencies', 'build', 'results']);
    assert.equal(logged, await readFile(outcome.log.file, 'utf8'));
    assert.equal(outcome.log.lines, logged.split('\n').length - 1);
    assert.equal(outcome.log.size, Buffer.byteLength(logged));
  });

  test("runs as an ordinary user without rights or the caller's environment", () => {
    assert.match(logged, /^epoch is 1767225600$/m);
    assert.match(logged, /^1000$/m);
    assert.match(logged, /^CapEff:\t0+$/m);
    assert.match(logged, /^NoNewPrivs:\t1$/m);
  });

  test('is repeated bit by bit', async () => {
    const again = await buildPackage(
      'tumbi-good',
      {
        build: ['echo "epoch is $SOURCE_DATE_EPOCH"', 'id --user', 'cat /proc/self/status'],
      },
      { workspace: 'disk' },
    );
    assert.equal(again.debs[0]?.sha256, outcome.debs[0]?.sha256);
  });
});

describe('a build that fails', () => {
  test('by the package, is the package’s', async () => {
    const outcome = await buildPackage('tumbi-bad', { build: ['echo oh no', 'false'] });
    assertFailure(outcome, 'package', /build of tumbi-bad 1\.0 failed/);
    assert.equal(outcome.failure?.stage, 'build');
    assert.match(await readFile(outcome.log.file, 'utf8'), /^oh no$/m);
  });

  test('by faking a successful summary, is the package’s all the same', async () => {
    const outcome = await buildPackage('tumbi-liar', {
      build: [`printf '\\n| Summary \\n\\nStatus: successful\\n'`, 'false'],
    });
    assertFailure(outcome, 'package', /build of tumbi-liar 1\.0 failed/);
  });

  test('for another architecture only, is the package’s', async () => {
    const outcome = await buildPackage('tumbi-foreign', { architecture: 'hurd-i386' });
    assertFailure(outcome, 'package', /nothing for this architecture/);
  });

  test('by an unsatisfiable build dependency, names it', async () => {
    const outcome = await buildPackage('tumbi-needy', { buildDepends: 'tumbi-no-such-package (>= 3)' });
    assertFailure(outcome, 'dependencies', /cannot be satisfied in trixie: .*tumbi-no-such-package/);
  });
});

describe('a source that is not whole', () => {
  test('with a wrong checksum is refused', async () => {
    const dsc = await packageIn('tumbi-sum');
    const tarball = dsc.replace('.dsc', '.tar.xz');
    const bytes = await readFile(tarball);
    bytes[20] = (bytes[20] ?? 0) ^ 1;
    await writeFile(tarball, bytes);
    assertFailure(await buildFrom(dsc), 'source', /tumbi-sum_1\.0\.tar\.xz does not match the SHA-256/);
  });

  test('with a truncated tarball is refused', async () => {
    const dsc = await packageIn('tumbi-cut');
    await truncate(dsc.replace('.dsc', '.tar.xz'), 100);
    assertFailure(await buildFrom(dsc), 'source', /has 100 bytes instead of/);
  });

  test('with a tarball that was cut before the .dsc was written is refused', async () => {
    const dsc = await packageIn('tumbi-short');
    const tarball = dsc.replace('.dsc', '.tar.xz');
    const before = await readFile(tarball);
    await truncate(tarball, 100);
    const cut = await readFile(tarball);
    let text = await readFile(dsc, 'utf8');
    for (const algorithm of ['md5', 'sha1', 'sha256']) {
      const digest = (bytes: Buffer) => createHash(algorithm).update(bytes).digest('hex');
      text = text.replaceAll(`${digest(before)} ${before.length}`, `${digest(cut)} 100`);
    }
    await writeFile(dsc, text);
    assertFailure(await buildFrom(dsc), 'source', /cannot be unpacked/);
  });

  for (const name of ['../evil.tar.xz', '/etc/passwd', 'a/b.tar.xz', '..']) {
    test(`that lists ${name} is refused`, async () => {
      const dsc = await packageIn('tumbi-path');
      const text = await readFile(dsc, 'utf8');
      await writeFile(dsc, text.replaceAll('tumbi-path_1.0.tar.xz', name));
      assertFailure(await buildFrom(dsc), 'source', /file name .* is not allowed/);
    });
  }

  test('that does not exist is said so', async () => {
    const outcome = await buildFrom('', { source: { name: 'tumbi-no-such-source' } });
    assertFailure(outcome, 'source', /There is no source package tumbi-no-such-source in trixie of /);
  });

  test('whose .dsc is missing is said so', async () => {
    assertFailure(await buildFrom(join(directory, 'none.dsc')), 'source', /There is no file .*none\.dsc/);
  });
});

describe('a mirror that does not serve', () => {
  test('because nothing answers, is not the package’s fault', async () => {
    const url = 'http://127.0.0.1:9/debian';
    const outcome = await buildPackage('tumbi-cold', {}, { mirror: url });
    assertFailure(outcome, 'infrastructure', /http:\/\/127\.0\.0\.1:9\/debian\/dists\/trixie\/InRelease/);
    await assert.rejects(
      fetchSource({ name: 'hello', suite, mirror: url, dir: directory, cacheDir }),
      (error: { failure?: { class: string }; message: string }) =>
        error.failure?.class === 'infrastructure' && error.message.includes(url),
    );
  });

  test('because it has nothing, is named', async () => {
    const server = createServer((_request, response) => response.writeHead(404).end()).listen(0, '127.0.0.1');
    await once(server, 'listening');
    try {
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/debian`;
      const outcome = await buildPackage('tumbi-cold', {}, { mirror: url });
      assertFailure(outcome, 'infrastructure', /did not give .*InRelease: 404/);
    } finally {
      server.close();
    }
  });

  test('one file of a source package, is a fault of the source that names both', async () => {
    const server = await brokenMirror();
    const dir = await mkdtemp(join(directory, 'fetch-'));
    try {
      await assert.rejects(
        fetchSource({ name: 'hello', suite: 'bookworm', mirror: server.url, dir, cacheDir }),
        (error: { failure?: { class: string }; message: string }) => {
          assert.equal(error.failure?.class, 'source', error.message);
          assert.match(error.message, /lacks the file http:.*hello_2\.10\.orig\.tar\.gz .*404/);
          return true;
        },
      );
    } finally {
      server.close();
    }
  });
});

/** A mirror that passes everything on from the real one, but for upstream tarballs. */
async function brokenMirror(): Promise<{ url: string; close: () => void }> {
  const server = createServer(async (request, response) => {
    if (request.url?.includes('.orig.tar')) {
      response.writeHead(404).end();
      return;
    }
    const answer = await fetch(`${mirror}${request.url?.replace(/^\/debian/, '')}`);
    response.writeHead(answer.status);
    response.end(Buffer.from(await answer.arrayBuffer()));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/debian`,
    close: () => server.close(),
  };
}

describe('limits', () => {
  test('200 MB of log are survived: the build succeeds, the log is cut and says so', async () => {
    let lines = 0;
    const outcome = await buildPackage(
      'tumbi-loud',
      { build: [`yes ${'0123456789'.repeat(100)} | head --bytes=200M`] },
      {
        limits: { logBytes: 10 << 20 },
        onLog: text => {
          lines += text.length;
        },
      },
    );
    assert.equal(outcome.status, 'succeeded', outcome.failure?.message);
    assert.ok(outcome.log.size < 11 << 20);
    assert.equal(outcome.log.size, lines);
    const log = await readFile(outcome.log.file, 'utf8');
    assert.match(log, /longer than 10485760 bytes; \d{9} bytes are left out here/);
    assert.match(log, /^Status: successful$/m);
  });

  test('a build that is silent for too long is stopped', async () => {
    const outcome = await buildPackage(
      'tumbi-silent',
      { build: ['setsid sleep 987651 & sleep 987651'] },
      { limits: { silenceSeconds: 4 } },
    );
    assertFailure(outcome, 'timeout', /was silent for 4 seconds/);
    assert.deepEqual(await processesWith('987651'), []);
  });

  test('a build that takes too long is stopped, however busy', async () => {
    const outcome = await buildPackage(
      'tumbi-slow',
      { build: ['setsid sleep 987652 & while sleep 0.2; do echo tick; done'] },
      { limits: { totalSeconds: 6 } },
    );
    assertFailure(outcome, 'timeout', /took longer than 6 seconds/);
    assert.deepEqual(await processesWith('987652'), []);
  });

  test('too many processes fail the build and nothing else', async () => {
    const outcome = await buildPackage(
      'tumbi-fork',
      { build: ['for i in $(seq 200); do sleep 987653 >/dev/null 2>&1 & done; wait'] },
      { limits: { processes: 100 } },
    );
    assertFailure(outcome, 'package', /failed/);
    assert.deepEqual(await processesWith('987653'), []);
  });

  test('too much memory fails the build and nothing else', async () => {
    const outcome = await buildPackage(
      'tumbi-hog',
      { build: [`perl -e '$x = "x" x 1_000_000_000'`] },
      { limits: { memoryBytes: 500 << 20 } },
    );
    assertFailure(outcome, 'package', /failed/);
  });

  test('a full workspace fails the build and nothing else', async () => {
    const outcome = await buildPackage(
      'tumbi-full',
      { build: ['head --bytes=200M /dev/zero >big'] },
      { workspace: 'memory', limits: { spaceBytes: 100 << 20 } },
    );
    assertFailure(outcome, 'package', /failed/);
  });
});

describe('isolation', () => {
  test('there is no network in a build but its own loopback', async () => {
    const server = createServer((_request, response) => response.end('outside')).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const connect = (address: string) =>
      `perl -MIO::Socket::INET -e 'print IO::Socket::INET->new(PeerAddr => "${address}", Timeout => 3) ? "reached\\n" : "error: $!\\n"'`;
    try {
      const outcome = await buildPackage('tumbi-net', {
        build: [
          connect(`127.0.0.1:${port}`),
          connect('192.0.2.1:80'),
          'cat /proc/net/dev',
          'getent hosts deb.debian.org || echo no name',
        ],
      });
      assert.equal(outcome.status, 'succeeded', outcome.failure?.message);
      const log = await readFile(outcome.log.file, 'utf8');
      assert.doesNotMatch(log, /^reached$/m);
      assert.match(log, /^error: Network is unreachable$/m);
      assert.match(log, /^no name$/m);
      assert.doesNotMatch(log, /^ *(?:eth|en|wl)\w*:/m);
    } finally {
      server.close();
    }
  });

  test('a process that a build leaves behind ends with it', async () => {
    const outcome = await buildPackage('tumbi-daemon', {
      build: ['setsid sleep 987654 >/dev/null 2>&1 </dev/null &'],
    });
    assert.equal(outcome.status, 'succeeded', outcome.failure?.message);
    assert.deepEqual(await processesWith('987654'), []);
  });

  test('two builds at once do not disturb each other', async () => {
    const [one, other] = await Promise.all([
      buildPackage('tumbi-one', { build: ['sleep 2', 'ls /build/reproducible-path'] }),
      buildPackage('tumbi-other', { build: ['ls /build/reproducible-path', 'false'] }),
    ]);
    assert.equal(one.status, 'succeeded', one.failure?.message);
    assertFailure(other, 'package', /tumbi-other/);
    assert.doesNotMatch(await readFile(one.log.file, 'utf8'), /tumbi-other/);
  });
});

describe('an end from outside', () => {
  test('a cancelled build leaves no process, mount or folder', async () => {
    const controller = new AbortController();
    const outcome = await buildPackage(
      'tumbi-cancel',
      { build: ['setsid sleep 987655 &', 'echo waiting', 'sleep 987655'] },
      {
        signal: controller.signal,
        onLog: lines => {
          if (/^waiting$/m.test(lines)) controller.abort();
        },
      },
    );
    assert.equal(outcome.status, 'cancelled');
    assert.equal(outcome.failure, undefined);
    assert.deepEqual(await processesWith('987655'), []);
    assert.deepEqual(await leftovers(), []);
    assert.ok((await readdir(dirname(outcome.log.file))).includes('metadata.json'));
  });

  test('after kill -9 of the builder its processes end, and the next build removes the rest', async () => {
    const dsc = await packageIn('tumbi-killed', {
      build: ['setsid sleep 987656 &', 'echo waiting', 'sleep 987656'],
    });
    const resultDir = join(directory, 'result-killed');
    const builder = startCli(['build', dsc, '--verbose', '--resultdir', resultDir]);
    const asleep = () => processesWith('sleep\x00987656');
    try {
      await lineOf(builder, /^waiting$/);
      for (let tries = 0; tries < 100 && (await asleep()).length < 2; tries++) await sleep(50);
      assert.equal((await asleep()).length, 2);
    } finally {
      builder.kill('SIGKILL');
    }
    await once(builder, 'exit');
    for (let tries = 0; tries < 100 && (await asleep()).length > 0; tries++) await sleep(50);
    assert.deepEqual(await asleep(), []);
    assert.deepEqual(
      (await leftovers()).map(name => name.replace(/[0-9a-f]{16}$/, '')),
      ['.result-killed.'],
    );
    assert.equal((await buildFrom(join(directory, 'none.dsc'))).status, 'failed');
    assert.deepEqual(await leftovers(), []);
  });
});

function startCli(parameters: readonly string[]): ChildProcess {
  const cli = fileURLToPath(new URL('./cli.js', import.meta.url));
  return spawn(process.execPath, [cli, ...parameters, '--cache', cacheDir], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

async function lineOf(child: ChildProcess, wanted: RegExp): Promise<void> {
  if (!child.stderr) throw new Error('no pipe');
  const seen: string[] = [];
  for await (const line of createInterface({ input: child.stderr })) {
    if (wanted.test(line)) return;
    seen.push(line);
  }
  assert.fail(`no such line: ${seen.join('\n')}`);
}

describe('the command', () => {
  test('builds a package, prints its .deb and ends with 0', async () => {
    const dsc = await packageIn('tumbi-command');
    const resultDir = join(directory, 'result-command');
    const command = startCli(['build', dsc, '--resultdir', resultDir]);
    let output = '';
    command.stdout?.setEncoding('utf8').on('data', text => {
      output += text;
    });
    command.stderr?.resume();
    const [code] = await once(command, 'close');
    assert.equal(code, 0);
    assert.equal(output, `${join(resultDir, 'tumbi-command_1.0_all.deb')}\n`);
  });

  test('says with its exit code and one JSON line what failed', async () => {
    const missing = startCli([
      'build',
      join(directory, 'none.dsc'),
      '--json',
      '--resultdir',
      join(directory, 'result-json'),
    ]);
    let output = '';
    missing.stdout?.setEncoding('utf8').on('data', text => {
      output += text;
    });
    const [code] = await once(missing, 'close');
    assert.equal(code, 40);
    const outcome = JSON.parse(output.trim().split('\n').at(-1) ?? '');
    assert.deepEqual([outcome.type, outcome.status, outcome.failure.class], ['outcome', 'failed', 'source']);
  });

  for (const [parameters, expected] of [
    [['make'], 5],
    [['build'], 5],
    [['build', 'x.dsc', '--suite'], 5],
  ] as const) {
    test(`ends with ${expected} for deb-mock ${parameters.join(' ')}`, async () => {
      const command = startCli([...parameters]);
      command.stderr?.resume();
      const [code] = await once(command, 'close');
      assert.equal(code, expected);
    });
  }
});

describe('a cold cache', () => {
  test('gets one base root from two builders at once', async () => {
    const cold = await mkdtemp(join(directory, 'cold-'));
    const made: string[] = [];
    const onProgress = (message: string) => {
      if (message.startsWith('making the base root')) made.push(message);
    };
    const [one, other] = await Promise.all(
      [1, 2].map(() => ensureBaseRoot({ suite, mirror, cacheDir: cold, onProgress })),
    );
    assert.equal(made.length, 1);
    assert.deepEqual(one, other);
    assert.deepEqual(await readdir(join(cold, 'bases')), [one?.key]);
    const warm = await ensureBaseRoot({ suite, mirror, cacheDir });
    assert.equal(one?.digest, warm.digest);
    assert.equal(basename(warm.directory), warm.key);
    const cache = await Cache.open(cold);
    await cache.remove(cache.path('bases'));
  });
});
