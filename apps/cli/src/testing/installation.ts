import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

const ROOT = join(import.meta.dirname, '../../../..');

/** A whole Tumbi for a test, as `npm start` runs it, in a folder that goes with it. */
export interface TestInstallation extends AsyncDisposable {
  readonly home: string;
  readonly url: string;
  readonly token: string;
}

/** Starts one with tools and base roots that are there already. */
export async function startInstallation(): Promise<TestInstallation> {
  const home = await mkdtemp(join(tmpdir(), 'tumbi-cli-'));
  const cache = join(process.env.TUMBI_TEST_CACHE ?? join(tmpdir(), 'tumbi-test-cache'), 'deb-mock');
  await mkdir(cache, { recursive: true });
  await mkdir(join(home, 'cache'));
  await symlink(cache, join(home, 'cache/deb-mock'));
  await symlink(join(process.env.TUMBI_HOME ?? join(ROOT, '.tumbi'), 'tools'), join(home, 'tools'));
  const child = spawn(
    process.execPath,
    ['--enable-source-maps', join(ROOT, 'apps/standalone/dist/start.js')],
    {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, TUMBI_HOME: home, TUMBI_PORT: '0' },
    },
  );
  const closed = once(child, 'close');
  const stop = async () => {
    child.kill('SIGINT');
    await closed;
    await rm(home, { recursive: true, force: true, maxRetries: 3 });
  };
  for (;;) {
    const url = await readFile(join(home, 'address'), 'utf8').catch(() => '');
    if (url) return { home, url: url.trim(), token: await tokenOf(home), [Symbol.asyncDispose]: stop };
    if (child.exitCode === null) await setTimeout(100);
    else {
      await stop();
      throw new Error(`The installation ended with ${child.exitCode}; its messages are above.`);
    }
  }
}

async function tokenOf(home: string): Promise<string> {
  return (await readFile(join(home, 'token'), 'utf8')).trim();
}
