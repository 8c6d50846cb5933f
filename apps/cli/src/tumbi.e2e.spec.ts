import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { appendFile, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Build, BuildPage, LoggedEvent, TagList } from '@tumbi/api-client';
import { makeSourcePackage, type TestPackage } from '@tumbi/deb-mock/testing';
import { startInstallation, type TestInstallation } from './testing/installation.js';
import { startTumbi, tumbi } from './testing/tumbi.js';

describe('tumbi with an installation', () => {
  let folder: string;
  let installation: TestInstallation;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tumbi-cli-files-'));
    installation = await startInstallation();
  });
  after(async () => {
    await installation?.[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });

  const here = () => ({ TUMBI_HOME: installation.home });
  const run = (...args: string[]) => tumbi(args, here());
  const json = async <T>(...args: string[]): Promise<T> => JSON.parse((await run(...args, '--json')).stdout);
  const made = async (wanted: TestPackage) =>
    makeSourcePackage(await mkdtemp(join(folder, 'source-')), wanted);
  const eventsOf = async (build: string): Promise<LoggedEvent[]> =>
    (await run('events', '--build', build, '--json')).stdout
      .trim()
      .split('\n')
      .map(line => JSON.parse(line));

  describe('before anything is built', () => {
    it('has nothing to list, and says so', async () => {
      for (const command of ['builds', 'tags', 'dead-letters']) {
        const { status, stdout, stderr } = await run(command);
        assert.deepEqual([status, stdout], [0, '']);
        assert.match(stderr, /^There (are|is) no/);
      }
      assert.deepEqual(await json('builds'), { builds: [] });
    });

    it('knows no last build', async () => {
      const { status, stderr } = await run('show', 'last');
      assert.equal(status, 1);
      assert.match(stderr, /There is no build yet/);
    });

    it('lists the runner', async () => {
      assert.match((await run('runners')).stdout, /^RUNNER +ARCHITECTURES .*\n\S+ +\w+ +1 /);
    });
  });

  describe('a token', () => {
    const submit = (token: string | undefined) =>
      tumbi(['build', '--no-wait', 'hello'], {
        TUMBI_URL: installation.url,
        ...(token === undefined ? {} : { TUMBI_TOKEN: token }),
      });

    it('that is missing', async () => {
      const { status, stderr } = await submit(undefined);
      assert.equal(status, 1);
      assert.match(stderr, /^tumbi: This needs a token: .*Set TUMBI_TOKEN to one\.\n$/);
    });

    it('that is wrong', async () => {
      const { status, stderr } = await submit('wrong');
      assert.equal(status, 1);
      assert.match(stderr, /^tumbi: This token is not known here/);
    });

    it('that may only read', async () => {
      const file = join(installation.home, 'tokens.json');
      const sha256 = createHash('sha256').update('eyes').digest('hex');
      const tokens = JSON.parse(await readFile(file, 'utf8'));
      await writeFile(file, JSON.stringify([...tokens, { name: 'eyes', role: 'reader', sha256 }]));
      const { status, stderr } = await submit('eyes');
      assert.equal(status, 1);
      assert.match(stderr, /^tumbi: The token eyes has the role reader; this needs submitter\.\n$/);
    });

    it('is not needed to read', async () => {
      assert.equal((await tumbi(['builds'], { TUMBI_URL: installation.url })).status, 0);
    });

    after(async () => assert.deepEqual((await json<BuildPage>('builds')).builds, []));
  });

  describe('a .dsc that is no good is refused before anything is sent', () => {
    const refused = async (dsc: string, sentence: RegExp) => {
      const { status, stdout, stderr } = await run('build', '--no-wait', dsc);
      assert.deepEqual([status, stdout], [40, '']);
      assert.match(stderr, sentence);
      assert.equal(stderr.match(/\n/g)?.length, 1, stderr);
    };
    const tarball = (dsc: string) => dsc.replace(/dsc$/, 'tar.xz');
    const name = 'tumbi-bad';

    it('that is not there', () =>
      refused(join(folder, 'none.dsc'), /^tumbi: There is no file .*none\.dsc\.\n$/));

    it('with a file that is not there', async () => {
      const dsc = await made({ name });
      await rm(tarball(dsc));
      await refused(dsc, /tumbi-bad_1\.0\.tar\.xz, which the \.dsc lists, is missing/);
    });

    it('with a truncated tarball', async () => {
      const dsc = await made({ name });
      await truncate(tarball(dsc), 100);
      await refused(dsc, /tumbi-bad_1\.0\.tar\.xz has 100 bytes instead of the \d+/);
    });

    it('with a file that was changed', async () => {
      const dsc = await made({ name });
      const bytes = await readFile(tarball(dsc));
      bytes.reverse();
      await writeFile(tarball(dsc), bytes);
      await refused(dsc, /tumbi-bad_1\.0\.tar\.xz does not match the SHA-256 checksum/);
    });

    it('that would leave its folder', async () => {
      const dsc = await made({ name });
      const text = await readFile(dsc, 'utf8');
      await writeFile(dsc, text.replaceAll('tumbi-bad_1.0.tar.xz', '../../etc/passwd'));
      await refused(dsc, /is not a usable \.dsc: the file name "\.\.\/\.\.\/etc\/passwd" is not allowed/);
    });

    it('that is something else', async () => {
      const dsc = join(folder, 'other.dsc');
      await writeFile(dsc, 'not a control file\n');
      await refused(dsc, /other\.dsc is not a usable \.dsc: line 1 is not a field/);
    });

    after(async () => assert.deepEqual((await json<BuildPage>('builds')).builds, []));
  });

  describe('a build that succeeds', () => {
    let build: Build;
    let dsc: string;

    it('shows the log and ends when apt can have the package', { timeout: 600_000 }, async () => {
      dsc = await made({ name: 'tumbi-good', build: ['echo plain sailing'] });
      const { status, stdout, stderr } = await run('build', '--tag', 'cli-13', '--json', dsc);
      assert.equal(status, 0, stderr);
      assert.match(stderr, /^plain sailing$/m);
      build = JSON.parse(stdout);
      assert.deepEqual(
        [build.state, build.tag, build.debs.map(deb => deb.package)],
        ['Installed', 'cli-13', ['tumbi-good']],
      );
    });

    it('has its history, from one request to its success', async () => {
      const events = await eventsOf('last');
      assert.equal(events.filter(({ event }) => event.type === 'tumbi.BuildRequested.v1').length, 1);
      assert.equal(events.at(-1)?.event.type, 'tumbi.BuildSucceeded.v1');
    });

    it('is listed and shown, by any beginning of its id', async () => {
      assert.match((await run('builds')).stdout, /tumbi-good 1\.0 +trixie +Installed .* cli-13\n$/);
      for (const id of ['last', build.id, build.id.slice(0, 13), build.id.slice(0, 18).replaceAll('-', '')])
        assert.match(
          (await run('show', id)).stdout,
          new RegExp(`^Build +${build.id}\nSource +tumbi-good 1\\.0`),
        );
      assert.equal((await json<Build>('show', 'last')).id, build.id);
    });

    it('gives its files, whole', async () => {
      const dir = join(folder, 'got');
      const { status, stdout } = await run('get', 'last', '--dir', dir);
      assert.equal(status, 0);
      const names = (await readdir(dir)).sort();
      assert.deepEqual(
        stdout.trim().split('\n').sort(),
        names.map(name => join(dir, name)),
      );
      assert.equal(names.length, 3);
      for (const deb of build.debs) {
        const bytes = await readFile(join(dir, deb.filename));
        assert.equal(createHash('sha256').update(bytes).digest('hex'), deb.sha256);
      }
      const { stderr } = await run('get', 'last', 'other.deb');
      assert.match(stderr, /has no file "other\.deb"; it has tumbi-good_1\.0_all\.deb/);
    });

    it('puts a file right that was changed', async () => {
      const [deb] = build.debs;
      assert.ok(deb);
      const file = join(folder, 'got', deb.filename);
      await appendFile(file, 'more');
      assert.equal((await run('get', 'last', deb.filename, '--dir', dirname(file))).status, 0);
      assert.equal((await readFile(file)).length, deb.size);
    });

    it('tells how to use the repository, and that works', async () => {
      const { stdout } = await run('tags');
      const [, address] =
        /curl -fsS (\S+) \| sudo tee \/etc\/apt\/sources\.list\.d\/tumbi-cli-13\.sources/.exec(stdout) ?? [];
      assert.ok(address);
      const sources = await (await fetch(address)).text();
      assert.match(sources, new RegExp(`^URIs: ${installation.url}/apt/cli-13$`, 'm'));
      assert.match(sources, /BEGIN PGP PUBLIC KEY BLOCK/);
      assert.deepEqual(
        (await json<TagList>('tags', 'cli-13')).tags.map(tag => tag.repository?.packages),
        [1],
      );
    });

    it('has a log that a reader may leave early', async () => {
      const reader = startTumbi(['log', 'last'], here());
      await reader.wrote('stdout', /^sbuild/);
      reader.process.stdout?.destroy();
      assert.deepEqual((({ status, stderr }) => ({ status, stderr }))(await reader.result), {
        status: 0,
        stderr: '',
      });
    });

    it('may be asked for again, and tells how to install it', { timeout: 600_000 }, async () => {
      const { status, stdout } = await run('build', '--wait', '--tag', 'cli-13', dsc);
      assert.equal(status, 0);
      assert.match(
        stdout,
        /^tumbi-good 1\.0 for trixie: Installed after .*\n {2}tumbi-good_1\.0_all\.deb {2}\d/,
      );
      assert.match(stdout, /sudo apt install tumbi-good\n$/);
    });
  });

  describe('a build that fails', () => {
    const ends = async (status: number, wanted: TestPackage, sentence: RegExp, ...options: string[]) => {
      const dsc = await made(wanted);
      const result = await run('build', ...options, dsc);
      assert.equal(result.status, status, result.stderr);
      assert.match(result.stdout, sentence);
    };

    it('through its own fault, its log harmless on a terminal', { timeout: 600_000 }, async () => {
      await ends(
        10,
        { name: 'tumbi-broken', build: ["printf '\\033[2J\\033]0;title\\007careless\\n'", 'false'] },
        /^tumbi-broken 1\.0 for trixie: Build-Attempted .*\n {2}package, stage build: /,
      );
      const shown = await run('log', 'last');
      assert.match(shown.stdout, /^careless$/m);
      assert.doesNotMatch(shown.stdout, /\x1b|\x07/);
      assert.match((await run('log', 'last', '--raw')).stdout, /\x1b\[2J\x1b\]0;title\x07careless\n/);
      assert.deepEqual((await run('log', '-f', 'last')).stdout, shown.stdout);
    });

    it('for want of a build dependency', { timeout: 600_000 }, () =>
      ends(
        30,
        { name: 'tumbi-wanting', buildDepends: 'no-such-package-anywhere' },
        /BD-Uninstallable\n {2}dependencies, .*no-such-package-anywhere/,
      ),
    );

    it('by taking too long', { timeout: 600_000 }, () =>
      ends(
        11,
        { name: 'tumbi-slow', build: ['sleep 600'] },
        /Build-Attempted .*\n {2}timeout, /,
        '--time-limit',
        '15s',
        '--wait',
      ),
    );

    it('because there is no such source', { timeout: 600_000 }, async () => {
      const { status, stdout } = await run('build', 'tumbi-no-such-source');
      assert.equal(status, 40, stdout);
      assert.match(stdout, /tumbi-no-such-source for trixie: Failed.*\n {2}source, .*tumbi-no-such-source/);
    });
  });

  describe('a build that is still going on', () => {
    let id: string;

    it('is only asked for with --no-wait', async () => {
      const dsc = await made({ name: 'tumbi-long', build: ['echo here it is', 'sleep 600'] });
      const { status, stdout } = await run('build', '--no-wait', dsc);
      assert.equal(status, 0);
      id = stdout.trim();
      assert.match(id, /^[0-9a-f-]{36}$/);
    });

    it('can be followed, and goes on when the reader goes', { timeout: 600_000 }, async () => {
      const follower = startTumbi(['log', '-f', id], here());
      await follower.wrote('stdout', /^here it is$/m);
      follower.process.kill('SIGINT');
      assert.equal((await follower.result).status, 130);
      assert.equal((await json<Build>('show', id)).state, 'Building');
    });

    it('is one of several that were asked for together', async () => {
      const { status, stdout } = await run(
        'build',
        '--no-wait',
        '--json',
        'tumbi-one',
        'tumbi-two=1.0',
        'tumbi-three/sid',
      );
      assert.equal(status, 0);
      const builds = stdout
        .trim()
        .split('\n')
        .map(line => JSON.parse(line) as Build);
      assert.deepEqual(
        builds.map(build => build.request),
        [
          { kind: 'archive', name: 'tumbi-one', suite: 'trixie' },
          { kind: 'archive', name: 'tumbi-two', version: '1.0', suite: 'trixie' },
          { kind: 'archive', name: 'tumbi-three', suite: 'sid' },
        ],
      );
      for (const build of builds) assert.equal((await run('cancel', build.id)).status, 0);
    });

    it('has no stored log yet', async () => {
      const { status, stderr } = await run('log', id);
      assert.equal(status, 1);
      assert.match(stderr, /has not ended, so its log is not stored yet; follow it with `tumbi log -f`/);
    });

    it('is left to go on by Ctrl-C, which says how to stop it', { timeout: 600_000 }, async () => {
      const waiter = startTumbi(['build', await made({ name: 'tumbi-waiting' })], here());
      await waiter.wrote('stderr', /Waiting for the log/);
      waiter.process.kill('SIGINT');
      const { status, stderr } = await waiter.result;
      assert.equal(status, 130);
      assert.match(stderr, /goes on: `tumbi log -f \S+` follows it, `tumbi cancel \S+` stops it\.\n$/);
      const build = await json<Build>('show', 'last');
      assert.deepEqual([build.source, build.state], ['tumbi-waiting', 'Needs-Build']);
      assert.match((await run('cancel', build.id, '--reason', 'no need')).stdout, /is Cancelled\.\n$/);
    });

    it('can be cancelled, which whoever follows the events sees', { timeout: 600_000 }, async () => {
      const follower = startTumbi(
        ['events', '-f', '--type', 'BuildCancelled', '--build', id, '--limit', '1', '--json'],
        here(),
      );
      await follower.wrote('stderr', /Waiting for events/);
      assert.equal((await run('cancel', id, '--reason', 'too long')).status, 0);
      const { status, stdout } = await follower.result;
      assert.equal(status, 0);
      const { event } = JSON.parse(stdout) as LoggedEvent;
      assert.deepEqual([event.type, event.data], ['tumbi.BuildCancelled.v1', { reason: 'too long' }]);
    });

    it('cannot be cancelled twice over its end', async () => {
      const succeeded = (await json<BuildPage>('builds', '--source', 'tumbi-good')).builds[0];
      const { status, stderr } = await run('cancel', succeeded?.id ?? '');
      assert.equal(status, 1);
      assert.match(stderr, /^tumbi: The build has ended already/);
    });
  });

  describe('builds that are not there', () => {
    it('under a whole id', async () => {
      const { status, stderr } = await run('show', '01a1fd13-beba-74ec-89c4-97a401bc2bad');
      assert.equal(status, 1);
      assert.match(
        stderr,
        /^tumbi: There is no build 01a1fd13-beba-74ec-89c4-97a401bc2bad; `tumbi builds` lists them\.\n$/,
      );
    });

    it('under a beginning, or under too little of one', async () => {
      assert.match((await run('show', '00000')).stderr, /No build's id begins with 00000/);
      const ids = (await json<BuildPage>('builds')).builds.map(build => build.id);
      const { stderr } = await run('show', ids[0]?.slice(0, 4) ?? '');
      assert.match(stderr, /More than one build's id begins with .* Give more of it\.\n$/);
      assert.match((await run('show', 'nonsense')).stderr, /"nonsense" names no build/);
    });

    it('in a state that none is in', async () => {
      const { status, stdout, stderr } = await run('builds', '--state', 'Given-Back');
      assert.deepEqual([status, stdout, stderr], [0, '', 'There are no such builds.\n']);
    });
  });
});
