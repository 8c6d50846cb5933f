import { execFile } from 'node:child_process';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';

/**
 * Debian 12's nats-server, unpacked below a folder. apt fetches it with a state of its own, so that it checks the
 * signatures and the host's packages stay as they are.
 * @returns the program's path
 * @throws Error with a sentence when the archive can't be reached
 */
export async function fetchOldServer(folder: string): Promise<string> {
  const mirror = await hostMirror();
  const list = join(folder, 'bookworm.list');
  await writeFile(list, `deb [signed-by=${KEYRING}] ${mirror} bookworm main\n`);
  await writeFile(join(folder, 'status'), '');
  for (const part of ['state/lists/partial', 'cache/archives/partial', 'none'])
    await mkdir(join(folder, part), { recursive: true });
  const settings = {
    'Dir::State': join(folder, 'state'),
    'Dir::State::status': join(folder, 'status'),
    'Dir::Cache': join(folder, 'cache'),
    'Dir::Etc::sourcelist': list,
    'Dir::Etc::sourceparts': join(folder, 'none'),
    'Dir::Etc::preferences': '/dev/null',
    'Dir::Etc::preferencesparts': join(folder, 'none'),
    'Acquire::Languages': 'none',
    'APT::Sandbox::User': 'root', // the user _apt could not write here
  };
  const options = Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  try {
    await run('apt-get', ['-q', '--error-on=any', ...options, 'update']);
    await run('apt-get', ['-q', ...options, 'download', 'nats-server'], { cwd: folder });
  } catch (error) {
    throw new Error(`Debian 12's nats-server, which this test needs, can't be had from ${mirror}.`, {
      cause: error,
    });
  }
  const deb = (await readdir(folder)).find(name => name.endsWith('.deb')) ?? '';
  await run('dpkg-deb', ['--extract', join(folder, deb), join(folder, 'unpacked')]);
  return join(folder, 'unpacked/usr/sbin/nats-server');
}

/** The Debian mirror that the host itself uses. */
async function hostMirror(): Promise<string> {
  const { stdout } = await run('apt-get', [
    'indextargets',
    '--format',
    '$(REPO_URI)',
    'Created-By: Packages',
  ]);
  const mirror = stdout.split('\n').find(uri => /\/debian\/?$/.test(uri));
  return process.env.TUMBI_MIRROR ?? mirror ?? 'http://deb.debian.org/debian';
}
