// Runs a command in a clone of this checkout on a bare Debian, as a newcomer would:
//
//   node tools/fresh-root.ts [--user] SUITE COMMAND...      for example: --user trixie npm run build
//
// The root holds Debian's essential packages, git, Node.js and npm; with --user, an unprivileged user with sudo runs
// the command. Debian 12 has no Node.js >= 20, so this host's node and npm are copied into it. Needs root, since it
// mounts; network and time are the host's. What is not committed is not tried.
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { hostDebianMirror } from '../libs/deb-mock/src/host-mirror.ts';
import { step } from './progress.ts';
import { ROOT } from './projects.ts';

const BASE_PACKAGES = ['ca-certificates', 'git', 'sudo'];
const USER = 'newcomer';
const CERTIFICATES = '/etc/ssl/certs/ca-certificates.crt';

const SET_UP_USER = [
  `useradd --create-home --shell /bin/bash ${USER}`,
  `echo '${USER} ALL=(ALL) NOPASSWD: ALL' > /etc/sudoers.d/${USER}`,
].join(' && ');

/** Run by sh with the root and the command as arguments: a mount namespace whose root it is, not a chroot, in which
 * the kernel would refuse user namespaces. */
const ENTER = `
set -eu
new=$1
shift
mount --bind "$new" "$new"
cd "$new"
mount --rbind /dev dev
mount --rbind /sys sys
mount -t proc proc proc
mount -t tmpfs -o mode=1777 tmpfs tmp
pivot_root . mnt
umount -l /mnt
cd /root
exec "$@"
`;

interface FreshRun {
  suite: string;
  command: readonly string[];
  /** Whether an unprivileged user with sudo runs it, instead of root. */
  asUser: boolean;
}

/**
 * @returns the command's exit status
 * @throws Error when the root cannot be made
 */
export async function runInFreshRoot({ suite, command, asUser }: FreshRun): Promise<number> {
  const cache = join(process.env.TUMBI_HOME ?? join(ROOT, '.tumbi'), 'fresh-roots');
  mkdirSync(cache, { recursive: true });
  const logFile = join(cache, 'log');
  const base = await baseRoot(suite, cache, logFile);
  const root = mkdtempSync(join(cache, `${suite}-`));
  try {
    const unpack = ['tar', '--extract', '--xattrs', '--numeric-owner', '--file', base, '--directory', root];
    await step({ what: `Unpacking a bare ${suite}`, command: unpack, logFile });
    const home = asUser ? `/home/${USER}` : '/root';
    const clone = join(root, 'clone.bundle');
    await step({
      what: 'Bundling the checkout',
      command: ['git', '-C', ROOT, 'bundle', 'create', clone, 'HEAD'],
      logFile,
    });
    copyHostSettings(root, home);
    const script = [
      'git -c advice.detachedHead=false -c init.defaultBranch=main clone --quiet /clone.bundle tumbi',
      'cd tumbi',
      '"$@"',
    ].join(' && ');
    const login = asUser ? ['setpriv', `--reuid=${USER}`, `--regid=${USER}`, '--init-groups', '--'] : [];
    const environment = [
      'env',
      '-i',
      `HOME=${home}`,
      'PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin',
      'LANG=C.UTF-8',
      `NODE_EXTRA_CA_CERTS=${CERTIFICATES}`, // for a node that is not Debian's
      ...passedOn(),
    ];
    const inside = [...login, ...environment, 'sh', '-c', `cd && ${script}`, 'sh', ...command];
    const { status } = spawnSync(
      'unshare',
      [
        '--mount',
        '--pid',
        '--fork',
        '--kill-child',
        '--propagation',
        'private',
        'sh',
        '-c',
        ENTER,
        'sh',
        root,
        ...inside,
      ],
      { stdio: 'inherit' },
    );
    return status ?? 1;
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** What a network behind a proxy needs; nothing else of the host's environment comes in. */
function passedOn(): string[] {
  return Object.entries(process.env).flatMap(([name, value]) =>
    /^(https?_proxy|no_proxy|TUMBI_MIRROR)$/i.test(name) ? [`${name}=${value}`] : [],
  );
}

/** How this host reaches the network: name resolution, its own certificates, apt's and the user's npm settings. */
function copyHostSettings(root: string, home: string): void {
  for (const file of ['/etc/resolv.conf', '/etc/hosts', CERTIFICATES]) {
    if (existsSync(file)) {
      rmSync(join(root, file), { force: true });
      cpSync(file, join(root, file), { dereference: true });
    }
  }
  const apt = spawnSync('apt-config', ['dump', 'Acquire'], { encoding: 'utf8' }).stdout.split('\n');
  const settings = apt.filter(line => /^Acquire::(Check-Valid-Until|Retries|https?::)/.test(line));
  writeFileSync(join(root, 'etc/apt/apt.conf.d/90host'), `${settings.join('\n')}\n`);
  const npmrc = process.env.NPM_CONFIG_USERCONFIG ?? join(homedir(), '.npmrc');
  if (existsSync(npmrc)) {
    writeFileSync(join(root, home, '.npmrc'), readFileSync(npmrc), { mode: 0o644 });
  }
}

/** The tarball of a bare root, made once per suite. */
async function baseRoot(suite: string, cache: string, logFile: string): Promise<string> {
  const tarball = join(cache, `${suite}.tar`);
  if (existsSync(tarball)) {
    return tarball;
  }
  const ownNode = suite === 'bookworm';
  const packages = [...BASE_PACKAGES, ...(ownNode ? [] : ['nodejs', 'npm'])];
  const work = mkdtempSync(join(tmpdir(), 'tumbi-fresh-'));
  try {
    const draft = join(work, 'root.tar');
    const hooks = [`--customize-hook=chroot "$1" sh -c "${SET_UP_USER}"`];
    if (ownNode) {
      hooks.push(`--customize-hook=copy-in ${hostNode(work)} /usr`);
    }
    const command = ['mmdebstrap', '--mode=root', '--variant=important', `--include=${packages.join(',')}`];
    await step({
      what: `Making a bare ${suite}`,
      command: [...command, ...hooks, suite, draft, hostDebianMirror()],
      logFile,
    });
    renameSync(draft, tarball);
    return tarball;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** A folder `local` to put under /usr, with this host's node, npm and npx. */
function hostNode(work: string): string {
  const local = join(work, 'local');
  mkdirSync(join(local, 'bin'), { recursive: true });
  const [node = '', npm = ''] = ['node', 'npm'].map(name => realpathSync(onHostPath(name)));
  cpSync(node, join(local, 'bin/node'));
  const npmFolder = dirname(dirname(npm));
  cpSync(npmFolder, join(local, 'lib/node_modules/npm'), { recursive: true });
  for (const name of ['npm', 'npx']) {
    spawnSync('ln', ['-s', `../lib/node_modules/npm/bin/${name}-cli.js`, join(local, 'bin', name)]);
  }
  return local;
}

/** The machine's own program, not the one that this checkout brings. */
function onHostPath(name: string): string {
  const folders = (process.env.PATH ?? '').split(':').filter(folder => !folder.startsWith(ROOT));
  const found = folders.map(folder => join(folder, name)).find(existsSync);
  if (found === undefined) {
    throw new Error(`${name} was not found on this host's PATH; it is copied into a root of Debian 12.`);
  }
  return found;
}

if (import.meta.main) {
  const { values, positionals } = parseArgs({
    options: { user: { type: 'boolean', default: false } },
    allowPositionals: true,
    args: optionsFirst(process.argv.slice(2)),
  });
  const [suite, ...command] = positionals;
  if (suite === undefined || command.length === 0) {
    process.stderr.write(
      'Which suite and command? For example: node tools/fresh-root.ts trixie npm run build\n',
    );
    process.exitCode = 2;
  } else {
    process.exitCode = await runInFreshRoot({ suite, command, asUser: values.user });
  }
}

/** The command's own options are not ours. */
function optionsFirst(args: readonly string[]): string[] {
  const end = args.findIndex(arg => !arg.startsWith('--'));
  return end < 0 ? [...args] : [...args.slice(0, end), '--', ...args.slice(end)];
}
