import { createHash } from 'node:crypto';
import { access, mkdir, rename, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type Outcome, run } from './private-apt.js';

const isRoot = process.getuid?.() === 0;
const namespaces = [
  '--mount',
  '--pid',
  '--fork',
  ...(isRoot ? [] : ['--user', '--map-root-user', '--map-auto']),
];

/** Unpacks a root on a tmpfs of its own mount namespace, so that nothing of it is left, and runs a script in it. */
const ENTER = `set -eu
mount -t tmpfs tmpfs "$2"
tar --numeric-owner --exclude='./dev/*' -C "$2" -xf "$1"
mount --rbind /dev "$2/dev"
mount -t proc proc "$2/proc"
cp "$3" "$2/run/script"
exec chroot "$2" /bin/sh /run/script`;

/**
 * A tarball of a bare Debian with apt, made by mmdebstrap from this machine's mirror and kept in `TUMBI_TEST_CACHE`, else
 * in `TUMBI_HOME`'s (`.tumbi`'s) cache.
 */
export async function bareRoot(suite: string): Promise<string> {
  const cache = resolve(
    process.env.TUMBI_TEST_CACHE ?? `${process.env.TUMBI_HOME ?? '.tumbi'}/cache`,
    'roots',
  );
  const recipe = ['--variant=apt', suite, await debianMirror()];
  const key = createHash('sha256').update(JSON.stringify(recipe)).digest('hex').slice(0, 16);
  const tarball = join(cache, `apt-${suite}-${key}.tar`);
  if (await exists(tarball)) return tarball;
  await mkdir(cache, { recursive: true });
  const [variant = '', name = '', mirror = ''] = recipe;
  const aside = join(cache, `${process.pid}-${suite}.tar`);
  const mode = `--mode=${isRoot ? 'root' : 'unshare'}`;
  const made = await run('mmdebstrap', ['--quiet', mode, variant, name, aside, mirror]);
  if (made.status !== 0) throw new Error(`mmdebstrap could not make ${suite}: ${made.output.slice(-1000)}`);
  await rename(aside, tarball);
  return tarball;
}

/** Runs a shell script as root in a bare root, with this machine's network. */
export async function runInRoot(tarball: string, dir: string, script: string): Promise<Outcome> {
  const mountPoint = join(dir, 'root');
  const scriptPath = join(dir, 'script');
  await mkdir(mountPoint, { recursive: true });
  await writeFile(scriptPath, script);
  return run('unshare', [...namespaces, 'sh', '-c', ENTER, 'sh', tarball, mountPoint, scriptPath], {
    env: {
      PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
      LC_ALL: 'C.UTF-8',
      DEBIAN_FRONTEND: 'noninteractive',
      HOME: '/root',
    },
  });
}

/** The Debian archive in this machine's own sources. */
async function debianMirror(): Promise<string> {
  const { output } = await run('apt-get', [
    'indextargets',
    '--format',
    '$(REPO_URI)',
    'Created-By: Packages',
  ]);
  const mirror = output.split('\n').find(uri => /\/debian\/?$/.test(uri));
  return mirror ?? 'http://deb.debian.org/debian';
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
