import { type ChildProcess, type SpawnOptions } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { type IdMap, idMap, writeIdMap } from './id-map.js';
import { type CommandResult, cleanEnvironment, collect, exitOf, type RunOptions, spawnTied } from './run.js';
import { BuildError } from './types.js';

/** Where the writes of an overlay go. */
export type Upper =
  /** A tmpfs that ends with the sandbox. */
  | { readonly kind: 'memory'; readonly sizeBytes?: number }
  /** A directory that holds `upper` and `work`, relative to the cache. */
  | { readonly kind: 'directory'; readonly path: string };

export interface SandboxOptions {
  /** Working directory of the sandbox's first process; all other paths are relative to it. */
  readonly cacheDir: string;
  /** Whether the host's network is seen, instead of an empty one with only a loopback interface. */
  readonly network: boolean;
  /**
   * The root: an overlay of the lower directories, topmost first. Without it the host's own root is seen, with an
   * empty /tmp in memory.
   */
  readonly root?: { readonly lower: readonly string[]; readonly upper: Upper };
}

/** Name and id of the user that builds inside a root. */
export const buildUser = { name: 'sbuild', id: 1000 } as const;

/** Prints the shell's own process id as the host sees it, and goes on as root when the ids are mapped. */
const enter = `
read -r pid rest </proc/self/stat
echo "$pid"
read -r go
exec setpriv --reuid 0 --regid 0 --clear-groups -- /bin/sh -euc "$1" setup "$@"
`;

/** The first process of a sandbox reaps its orphans (by ignoring their signal) and ends with its input. */
const stay = `
trap '' CHLD
echo ready
exec cat >/dev/null
`;

const hostRoot = `
mount -t proc proc /proc
mount -t tmpfs -o mode=1777 tmpfs /tmp
${stay}`;

/** In a container the kernel takes the sysfs from mount(2) alone, not from the newer calls: it finds them too revealing.
 * $2 lower, $3 upper and work's parent or empty, $4 size of memory, $5 network, $6 the host's user name. */
const overlayRoot = `
lower=$2 upper=$3 size=$4 network=$5 user=$6
mount -t tmpfs -o "mode=755\${size:+,size=$size}" tmpfs /tmp
mkdir /tmp/root
if [ -z "$upper" ]; then
  mkdir /tmp/upper /tmp/work
  upper=/tmp
fi
mount -t overlay overlay -o "lowerdir=$lower,upperdir=$upper/upper,workdir=$upper/work,userxattr" /tmp/root
cd /tmp/root
mkdir -p proc sys dev tmp
mount -t proc proc proc
[ "$network" = yes ] || LIBMOUNT_FORCE_MOUNT2=always mount -t sysfs -o ro sysfs sys
mount -t tmpfs -o mode=755,size=64k tmpfs dev
for node in null zero full random urandom tty; do
  : >"dev/$node"
  mount --bind "/dev/$node" "dev/$node"
done
mkdir dev/pts dev/shm
mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts dev/pts
mount -t tmpfs -o mode=1777 tmpfs dev/shm
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
ln -s fd/0 dev/stdin
ln -s fd/1 dev/stdout
ln -s fd/2 dev/stderr
mount -t tmpfs -o mode=1777 tmpfs tmp
if [ "$network" = yes ]; then
  cat /etc/resolv.conf >tmp/resolv.conf
  : >>etc/resolv.conf
  mount --bind tmp/resolv.conf etc/resolv.conf
  if [ -r /etc/ssl/certs/ca-certificates.crt ]; then cat /etc/ssl/certs/ca-certificates.crt >tmp/ca.crt; fi
else
  hostname sbuild
  ip link set lo up
  rm -f etc/resolv.conf
  : >etc/resolv.conf
  echo sbuild >etc/hostname
  printf '127.0.0.1 localhost sbuild\\n::1 localhost\\n' >etc/hosts
  id=${buildUser.id}
  echo "${buildUser.name}:x:$id:" >>etc/group
  echo "${buildUser.name}:x:$id:$id::/nonexistent:/bin/sh" >>etc/passwd
  [ "$user" = root ] || echo "$user:x:$id:$id::/nonexistent:/bin/sh" >>etc/passwd
fi
mkdir -p mnt
pivot_root . mnt
umount -l /mnt
cd /
${stay}`;

/**
 * A set of namespaces (user, mount, pid, ipc, uts and, if asked for, network) with its own root. Every process in it
 * is killed by the kernel when it is disposed of, and when this process ends in whatever way; its mounts go with them.
 */
export class Sandbox implements AsyncDisposable {
  private constructor(
    private readonly first: ChildProcess,
    private readonly firstPid: number,
    private readonly namespaces: readonly string[],
  ) {}

  /** @throws BuildError that says what to set, if this host refuses user namespaces */
  static async start(options: SandboxOptions): Promise<Sandbox> {
    const map = await idMap();
    const { root } = options;
    const upper = root?.upper;
    const parameters = root
      ? [
          root.lower.join(':'),
          upper?.kind === 'directory' ? upper.path : '',
          upper?.kind === 'memory' && upper.sizeBytes ? String(upper.sizeBytes) : '',
          options.network ? 'yes' : 'no',
          map.user.name,
        ]
      : [];
    const namespaces = ['user', 'mount', 'pid', 'ipc', 'uts', ...(options.network ? [] : ['net'])];
    const first = spawnTied(
      [
        'unshare',
        ...namespaces.map(name => `--${name}`),
        '--fork',
        '--kill-child',
        '--keep-caps',
        '/bin/sh',
        '-euc',
        enter,
        'enter',
        root ? overlayRoot : hostRoot,
        ...parameters,
      ],
      { cwd: options.cacheDir, env: cleanEnvironment(), stdio: ['pipe', 'pipe', 'pipe'] },
    );
    try {
      return new Sandbox(first, await introduce(first, map), namespaces);
    } catch (error) {
      first.kill('SIGKILL');
      throw error;
    }
  }

  /** The command that runs another one in this sandbox, as its root. */
  command(command: readonly string[]): string[] {
    const namespaces = this.namespaces.map(name => `--${name}`);
    return [
      'nsenter',
      '--target',
      String(this.firstPid),
      ...namespaces,
      '--root',
      '--wd',
      '-S',
      '0',
      '-G',
      '0',
      '--',
      ...command,
    ];
  }

  /** Starts a command in this sandbox, as its root. */
  spawn(command: readonly string[], options: SpawnOptions): ChildProcess {
    return spawnTied(this.command(command), { env: cleanEnvironment(), ...options });
  }

  /** Runs a command in this sandbox, as its root, to its end. */
  async run(command: readonly string[], options: RunOptions = {}): Promise<CommandResult> {
    options.signal?.throwIfAborted();
    const env = options.env ?? cleanEnvironment();
    const child = this.spawn(command, { env: { ...env }, stdio: ['pipe', 'pipe', 'pipe'] });
    // Only the sandbox's end is sure to end all that a command has started in it.
    const kill = () => this.kill();
    options.signal?.addEventListener('abort', kill);
    try {
      return await collect(child, options);
    } finally {
      options.signal?.removeEventListener('abort', kill);
    }
  }

  /** Kills every process in the sandbox; does not wait for their end. */
  kill(): void {
    try {
      process.kill(this.firstPid, 'SIGKILL');
    } catch {
      // It has ended already, and the others with it.
    }
  }

  /** Ends the sandbox; no process and no mount of it is left when this returns. */
  async [Symbol.asyncDispose](): Promise<void> {
    const ended = exitOf(this.first);
    this.first.stdin?.end();
    this.kill();
    await ended;
  }
}

/** Maps the first process's ids and waits until it has made its root. */
async function introduce(first: ChildProcess, map: IdMap): Promise<number> {
  const { stdin, stdout, stderr } = first;
  if (!stdin || !stdout || !stderr) throw new Error('the sandbox has no pipes');
  let complaint = '';
  stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-4096);
  });
  stdin.on('error', () => {});
  const lines = createInterface({ input: stdout })[Symbol.asyncIterator]();
  const next = async () => {
    const line = await lines.next();
    if (!line.done) return line.value;
    if (first.exitCode === null && first.signalCode === null) await once(first, 'close');
    throw await refusal(complaint.trim());
  };
  const pid = Number(await next());
  try {
    await writeIdMap(pid, map);
  } catch (error) {
    throw await refusal(error instanceof Error ? error.message : String(error));
  }
  stdin.write('go\n');
  await next();
  return pid;
}

/** Explains why a sandbox could not be made. */
async function refusal(complaint: string): Promise<BuildError> {
  const setting = async (name: string) =>
    (await readFile(`/proc/sys/${name}`, 'utf8').catch(() => '')).trim();
  const advice = refusalAdvice({
    apparmor: await setting('kernel/apparmor_restrict_unprivileged_userns'),
    clone: await setting('kernel/unprivileged_userns_clone'),
    maximum: await setting('user/max_user_namespaces'),
  });
  return new BuildError({
    class: 'infrastructure',
    stage: 'base',
    message: `A build root cannot be made on this machine (${complaint || 'no reason given'})${advice ? `: ${advice}` : '.'}`,
  });
}

/** Which kernel setting, given as its text, forbids user namespaces, and how to allow them; empty if none does. */
export function refusalAdvice(settings: {
  readonly apparmor: string;
  readonly clone: string;
  readonly maximum: string;
}): string {
  if (settings.apparmor === '1') {
    return 'AppArmor restricts user namespaces; allow them with: sysctl kernel.apparmor_restrict_unprivileged_userns=0';
  }
  if (settings.clone === '0') {
    return 'user namespaces are for root only; allow them with: sysctl kernel.unprivileged_userns_clone=1';
  }
  if (settings.maximum === '0') {
    return 'user namespaces are turned off; allow them with: sysctl user.max_user_namespaces=15000';
  }
  return '';
}
