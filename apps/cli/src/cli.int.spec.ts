import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { RunningTumbi, startTumbi, tumbi } from './testing/tumbi.js';

describe('tumbi without a server', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tumbi-cli-'));
  });
  after(() => rm(folder, { recursive: true }));

  const fails = async (args: readonly string[], status: number, sentence: RegExp, environment = {}) => {
    const result = await tumbi(args, { TUMBI_HOME: folder, ...environment });
    assert.equal(result.stderr.match(/\n/g)?.length, 1, result.stderr);
    assert.match(result.stderr, sentence);
    assert.deepEqual([result.status, result.stdout], [status, '']);
  };

  it('says how to start one', () =>
    fails(['builds'], 3, /^tumbi: No Tumbi runs from .*: start one with "npm start"/));

  it('says that nothing listens at the address', async () => {
    const server = createTcpServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    server.close();
    await fails(['tags'], 3, /^tumbi: Tumbi at http:\S+ cannot be reached: nothing listens there\.\n$/, {
      TUMBI_URL: `http://127.0.0.1:${port}`,
    });
  });

  it('refuses an address that is none', () =>
    fails(['tags'], 5, /^tumbi: TUMBI_URL is "nowhere"; it must be an address/, { TUMBI_URL: 'nowhere' }));

  const wrong: [string[], RegExp][] = [
    [[], /Which command\?/],
    [['biulds'], /There is no command "biulds"/],
    [['builds', '--stat', 'Built'], /Unknown argument: stat/],
    [['builds', '--state', 'Nice'], /--state is "Nice" and may be "Needs-Build"/],
    [['builds', '--limit', 'many'], /--limit must be a whole number from 1 on, not "many"/],
    [['events', '--from', '0'], /--from must be a whole number/],
    [['show'], /at least 1/],
    [['show', 'a', 'b'], /Unknown argument: b/],
    [['build', 'UPPER'], /"UPPER" is no source: give NAME/],
    [['build', 'hello', '--time-limit', 'soon'], /"soon" is no duration; write it like 2h/],
    [['build', 'hello', '--tag'], /Not enough arguments following: tag/],
    [['build', 'hello', '--tag', 'a', '--tag', 'b'], /--tag is given twice/],
    [['build', 'hello', '--follow', '--no-wait'], /leave --wait or --no-wait out/],
    [['build', 'hello=1.0', '--version', '2.0'], /leave one out/],
    [['build', 'x_1.dsc', '--version', '2.0'], /x_1\.dsc has its own/],
    [['log', 'last', '-f', '--raw'], /leave it or --follow out/],
    [['completion', 'tcsh'], /may be "bash", "zsh", "fish"/],
  ];
  for (const [args, sentence] of wrong)
    it(`refuses \`tumbi ${args.join(' ')}\``, () => fails(args, 5, sentence));

  it('passes control characters of a server on as text', async () => {
    const server = createServer((_request, response) => {
      response.writeHead(404).end(JSON.stringify({ message: 'no \x1b[2Jtag\x07' }));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    try {
      const { port } = server.address() as AddressInfo;
      await fails(['tags', 'x'], 1, /^tumbi: no tag␇\n$/, { TUMBI_URL: `http://127.0.0.1:${port}` });
    } finally {
      server.close();
    }
  });

  it('ends quietly when nobody reads its output', async () => {
    const child = startTumbi(['completion', 'zsh'], { TUMBI_HOME: folder });
    child.process.stdout?.destroy();
    assert.equal((await child.result).status, 0);
  });

  it('tells its version, and that of a package apart from it', async () => {
    assert.match((await tumbi(['--version'], {})).stdout, /^\d+\.\d+\.\d+\n$/);
    assert.match((await tumbi(['build', '--help'], {})).stdout, /--version +The version of the source/);
  });

  it('has its help committed as a page', async () => {
    const page = await readFile(join(import.meta.dirname, '../../../docs/cli.md'), 'utf8');
    const { stdout } = await tumbi(['events', '--help'], {});
    assert.ok(page.includes(stdout.trim().replace(/ +$/gm, '')));
  });

  it('gives bash a script that completes', async () => {
    const { stdout: script } = await tumbi(['completion', 'bash'], {});
    await writeFile(join(folder, 'completion'), script);
    const complete = async (...words: string[]) => {
      const line = words.map(word => `'${word}'`).join(' ');
      const program = `. "$0"; COMP_WORDS=(${line}); COMP_CWORD=${words.length - 1}; _tumbi; echo "\${COMPREPLY[@]}"`;
      const { status, stdout } = await new RunningTumbi(
        spawn('bash', ['-c', program, join(folder, 'completion')], { stdio: ['ignore', 'pipe', 'pipe'] }),
      ).result;
      assert.equal(status, 0);
      return stdout.trim();
    };
    assert.equal(await complete('tumbi', 'bui'), 'build builds');
    assert.equal(await complete('tumbi', 'builds', '--so'), '--source');
    assert.equal(await complete('tumbi', 'builds', '--state', 'Buildi'), 'Building');
    assert.equal(await complete('tumbi', 'show', ''), '--json last');
  });
});
