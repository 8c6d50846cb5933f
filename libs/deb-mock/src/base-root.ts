import { mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fetchFailure, lastError } from './apt-output.js';
import { Cache, type WorkFolder } from './cache.js';
import { parseParagraph, withoutSignature } from './control.js';
import { sha256File, sha256Json } from './digest.js';
import { hostArchitecture } from './host-architecture.js';
import { installedFormat, recordInstalled } from './installed.js';
import { cleanEnvironment, proxyEnvironment, run } from './run.js';
import { Sandbox } from './sandbox.js';
import { type BaseRoot, BuildError } from './types.js';

export interface BaseRootRequest {
  /** `trixie`, `sid` … */
  readonly suite: string;
  /** Default: this machine's. */
  readonly architecture?: string;
  readonly mirror: string;
  readonly cacheDir: string;
  /** Keyring for the mirror's signatures; default: Debian's. */
  readonly keyring?: string;
  /** Whether to wait for another that makes the same root; default true. */
  readonly wait?: boolean;
  readonly signal?: AbortSignal;
  /** For people: what is being done when it takes long. */
  readonly onProgress?: (message: string) => void;
}

/** Changes whenever the steps below make another root from the same packages. */
const recipe = 2;

/** Beside mmdebstrap's buildd variant: what sbuild calls a core dependency, and what makes a sandbox of the root. */
const packages = ['fakeroot', 'mount'];

/** Seconds for which the mirror is not asked again whether its suite has changed. */
const freshSeconds = 3600;

/**
 * The base root for a suite, from the cache or made by mmdebstrap from the mirror. Its key holds the digest of the
 * suite's signed Release file: a root is made again exactly when the suite has changed, which for a stable release is
 * every few months and for sid four times a day; a mere maximum age would be wrong for both, and a root that is older
 * than its suite asks the mirror for .debs that are gone. While the mirror is away, the root that was used last serves.
 *
 * @throws BuildError of class `infrastructure`
 */
export async function ensureBaseRoot(request: BaseRootRequest): Promise<BaseRoot> {
  const cache = await Cache.open(request.cacheDir);
  const wanted = {
    recipe,
    suite: request.suite,
    architecture: request.architecture ?? (await hostArchitecture()),
    mirror: request.mirror.replace(/\/+$/, ''),
    packages,
    keyring: request.keyring ? await sha256File(request.keyring) : undefined,
  };
  check(wanted);
  const pointer = cache.path('suites', sha256Json(wanted));
  const fresh = await readPointer(cache, pointer, freshSeconds);
  if (fresh) return await readBase(cache, fresh);

  await using _lock = await cache.lock(`base-${wanted.suite}-${wanted.architecture}`, request);
  const made = await readPointer(cache, pointer, freshSeconds);
  if (made) return await readBase(cache, made);
  await using work = await cache.workFolder();
  let release: string;
  try {
    release = await releaseDigest(work, wanted, request.signal);
  } catch (error) {
    const stale = await readPointer(cache, pointer, Number.POSITIVE_INFINITY);
    if (!stale || request.signal?.aborted) throw error;
    request.onProgress?.(`${error instanceof Error ? error.message : error} The root made before is used.`);
    return await readBase(cache, stale);
  }
  const key = sha256Json({ ...wanted, release });
  if (!(await exists(cache.path('bases', key)))) {
    request.onProgress?.(`making the base root for ${wanted.suite} (once, up to a minute)`);
    await make(cache, work, key, wanted, request);
  }
  await writePointer(pointer, key, work);
  return await readBase(cache, key);
}

interface Wanted {
  readonly suite: string;
  readonly architecture: string;
  readonly mirror: string;
}

function check({ suite, architecture, mirror }: Wanted): void {
  if (!/^[a-z][a-z0-9.-]*$/.test(suite))
    throw failure(`${JSON.stringify(suite)} is not the name of a suite.`);
  if (!/^[a-z0-9-]+$/.test(architecture))
    throw failure(`${JSON.stringify(architecture)} is not an architecture.`);
  if (!/^https?:\/\/[^\s'"[\]]+$/.test(mirror)) {
    throw failure(`The mirror ${JSON.stringify(mirror)} is not an http or https URL.`);
  }
}

/** Fetches the suite's Release file; apt itself checks its signature when the root is made. */
async function releaseDigest(work: WorkFolder, wanted: Wanted, signal?: AbortSignal): Promise<string> {
  const url = `${wanted.mirror}/dists/${wanted.suite}/InRelease`;
  const file = work.path('InRelease');
  const result = await run(['/usr/lib/apt/apt-helper', 'download-file', url, file], {
    env: cleanEnvironment(proxyEnvironment()),
    cwd: work.path(),
    signal,
  });
  if (result.code === 0) return await sha256File(file);
  const fetch = fetchFailure(result.stdout + result.stderr);
  throw failure(
    `The mirror ${wanted.mirror} did not give ${url}: ${fetch?.reason ?? lastError(result.stderr)}.`,
  );
}

async function make(
  cache: Cache,
  work: WorkFolder,
  key: string,
  wanted: Wanted,
  request: BaseRootRequest,
): Promise<void> {
  await cache.mkdirInside(join(work.relativePath, 'debs'));
  await mkdir(work.path('base'));
  await cache.mkdirInside(join(work.relativePath, 'base', 'root'));
  const epoch = await releaseEpoch(work.path('InRelease'));

  await using sandbox = await Sandbox.start({ cacheDir: cache.directory, network: true });
  const digest = await unpack(sandbox, work, epoch, wanted, request);
  await sandbox.run(['sh', '-euc', 'mv /tmp/debs/*.deb "$1"', 'sh', join(work.relativePath, 'debs')]);
  const { stdout: listing } = await sandbox.run(['cat', '/tmp/installed']);

  const base: Omit<BaseRoot, 'directory'> = {
    key,
    digest,
    ...{ suite: wanted.suite, architecture: wanted.architecture, mirror: wanted.mirror },
    releaseDate: new Date(epoch * 1000).toISOString(),
    packages: await recordInstalled(listing, work.path('debs'), cache.path('debs')),
  };
  await writeFile(work.path('base', 'base.json'), `${JSON.stringify(base, undefined, 2)}\n`);
  await rename(work.path('base'), cache.path('bases', key));
}

/**
 * $1 directory to fill, then mmdebstrap's command. The archive that mmdebstrap writes, which is the same for the same
 * packages, is digested on its way to tar.
 */
const unpackScript = `
directory=$1; shift
mkfifo /tmp/copy
sha256sum </tmp/copy >/tmp/digest &
{ "$@" || : >/tmp/failed; } | tee /tmp/copy | tar --extract --numeric-owner --same-permissions -C "$directory"
wait
[ ! -e /tmp/failed ]`;

/** A root in a user namespace has no devices but the host's. */
const deviceHook = `
mkdir -p "$1/dev"
mount -t tmpfs -o mode=755 tmpfs "$1/dev"
for node in null zero full random urandom tty; do
  : >"$1/dev/$node"
  mount --bind "/dev/$node" "$1/dev/$node"
done`;

const recordHook = `
umount -R "$1/dev"
mkdir /tmp/debs
mv "$1"/var/cache/apt/archives/*.deb /tmp/debs
rm -f "$1"/var/cache/apt/*.bin
dpkg-query --admindir="$1/var/lib/dpkg" --show --showformat='${installedFormat}' >/tmp/installed`;

/** @returns sha256 of the root as an archive */
async function unpack(
  sandbox: Sandbox,
  work: WorkFolder,
  epoch: number,
  wanted: Wanted,
  { keyring, signal, onProgress }: BaseRootRequest,
): Promise<string> {
  const bootstrap = [
    'mmdebstrap',
    '--mode=root',
    '--variant=buildd',
    '--format=tar',
    `--architectures=${wanted.architecture}`,
    `--include=${packages.join(',')}`,
    ...(keyring ? [`--keyring=${keyring}`] : []),
    // Devices cannot be made in a user namespace; lists and .debs are kept, to install from and to record.
    '--skip=output/mknod,output/dev,chroot/mount/dev,essential/unlink,cleanup/apt/cache,cleanup/apt/lists',
    `--setup-hook=${deviceHook}`,
    `--customize-hook=${recordHook}`,
    wanted.suite,
    '-',
    wanted.mirror,
  ];
  const root = join(work.relativePath, 'base', 'root');
  const result = await sandbox.run(['/bin/sh', '-euc', unpackScript, 'unpack', root, ...bootstrap], {
    env: cleanEnvironment({ ...proxyEnvironment(), SOURCE_DATE_EPOCH: String(epoch) }),
    signal,
    onLine: line => {
      const step = /^I: ((?:downloading|extracting|installing|creating).*)$/.exec(line)?.[1];
      if (step) onProgress?.(`base root: ${step}`);
    },
  });
  if (result.code !== 0) throw bootstrapFailure(result.stderr, wanted);
  const digest = await sandbox.run(['cat', '/tmp/digest']);
  return digest.stdout.slice(0, 64);
}

function bootstrapFailure(output: string, { suite, mirror }: Wanted): BuildError {
  const fetch = fetchFailure(output);
  if (fetch) return failure(`The mirror ${mirror} did not give ${fetch.url}: ${fetch.reason}.`);
  const errors = [...output.matchAll(/^E: (.+)$/gm)].map(match => match[1] ?? '');
  return failure(`No root can be made for ${suite} from ${mirror}: ${errors[0] ?? lastError(output)}.`);
}

/** Time of a Release file, in seconds since 1970. */
async function releaseEpoch(file: string): Promise<number> {
  const text = withoutSignature(await readFile(file, 'utf8'));
  const milliseconds = Date.parse(parseParagraph(text).get('Date') ?? '');
  if (Number.isNaN(milliseconds)) throw failure('The Release file of the mirror has no date.');
  return milliseconds / 1000;
}

async function readBase(cache: Cache, key: string): Promise<BaseRoot> {
  const directory = cache.path('bases', key);
  const base = JSON.parse(await readFile(join(directory, 'base.json'), 'utf8'));
  return { ...base, directory };
}

/** Key of the root that a pointer names, if it was written in the last `maximumAge` seconds and the root is there. */
async function readPointer(cache: Cache, file: string, maximumAge: number): Promise<string | undefined> {
  const status = await stat(file).catch(() => undefined);
  if (!status || Date.now() - status.mtimeMs > maximumAge * 1000) return undefined;
  const key = (await readFile(file, 'utf8')).trim();
  return (await exists(cache.path('bases', key, 'base.json'))) ? key : undefined;
}

async function writePointer(file: string, key: string, work: WorkFolder): Promise<void> {
  await writeFile(work.path('pointer'), `${key}\n`);
  await rename(work.path('pointer'), file);
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}

function failure(message: string): BuildError {
  return new BuildError({ class: 'infrastructure', stage: 'base', message });
}
