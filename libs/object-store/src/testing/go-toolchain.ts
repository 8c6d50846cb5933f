import { execFile } from 'node:child_process';
import { access, mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';
/** From 1.21 on, a go command fetches the newer Go that a module asks for. */
const MINIMUM = 21;

/** A go command, and what its environment needs besides. */
export interface GoToolchain {
  readonly command: string;
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Go 1.21 or newer: this machine's own where it has one (Debian 13: `apt-get install golang-go`), else Debian unstable's, which
 * apt fetches with a state of its own and under Debian's signatures, unpacked into `toolsDir`. Go's programs are
 * static, so that unstable's run on Debian 12.
 */
export async function obtainGo(toolsDir: string): Promise<GoToolchain> {
  const { stdout } = await run('go', ['version']).catch(() => ({ stdout: '' }));
  const minor = Number(/ go1\.(\d+)/.exec(stdout)?.[1] ?? 0);
  if (minor >= MINIMUM) return { command: 'go', env: {} };
  const root = join(toolsDir, 'go');
  if (!(await exists(root))) await fetchFromUnstable(toolsDir, root);
  const [version = ''] = await readdir(join(root, 'usr/lib'));
  const goroot = join(root, 'usr/lib', version);
  return { command: join(goroot, 'bin/go'), env: { GOROOT: goroot } };
}

async function fetchFromUnstable(toolsDir: string, root: string): Promise<void> {
  await mkdir(toolsDir, { recursive: true });
  const work = await mkdtemp(join(toolsDir, 'fetch-go-'));
  try {
    const env = { PATH: process.env.PATH, LC_ALL: 'C.UTF-8', APT_CONFIG: await aptConfiguration(work) };
    await run('apt-get', ['update'], { env });
    const { stdout } = await run('apt-cache', ['show', 'golang-go'], { env });
    const compiler = /^Depends:.*\b(golang-1\.\d+)-go\b/m.exec(stdout)?.[1];
    if (compiler === undefined) throw new Error('its golang-go depends on no compiler that is known here');
    await run('apt-get', ['download', `${compiler}-go`, `${compiler}-src`], { env, cwd: work });
    const unpacked = join(work, 'unpacked');
    for (const deb of (await readdir(work)).filter(name => name.endsWith('.deb'))) {
      await run('dpkg-deb', ['--extract', join(work, deb), unpacked]);
    }
    await rename(unpacked, root);
  } catch (error) {
    const detail = error instanceof Error ? error.message.trim().slice(-300) : String(error);
    throw new Error(
      `MinIO is built from source for the tests, which needs Go 1.21 or newer: install golang-go, or let apt reach Debian unstable (${detail}).`,
    );
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** An apt.conf with a state of its own whose only source is Debian unstable. */
async function aptConfiguration(work: string): Promise<string> {
  const source = join(work, 'unstable.list');
  await writeFile(source, `deb [signed-by=${KEYRING}] ${await debianMirror()} sid main\n`);
  await writeFile(join(work, 'status'), '');
  for (const folder of ['state/lists/partial', 'cache/archives/partial']) {
    await mkdir(join(work, folder), { recursive: true });
  }
  const settings = {
    'Dir::State': join(work, 'state'),
    'Dir::State::status': join(work, 'status'),
    'Dir::Cache': join(work, 'cache'),
    'Dir::Etc::sourcelist': source,
    'Dir::Etc::sourceparts': '/dev/null/',
    'Dir::Etc::preferences': '/dev/null',
    'Dir::Etc::preferencesparts': '/dev/null/',
    'Acquire::Languages': 'none',
    'APT::Sandbox::User': '',
  };
  const path = join(work, 'apt.conf');
  const lines = Object.entries(settings).map(([name, value]) => `${name} "${value}";\n`);
  await writeFile(path, lines.join(''));
  return path;
}

/** The Debian archive in this machine's own sources. */
async function debianMirror(): Promise<string> {
  const { stdout } = await run('apt-get', [
    'indextargets',
    '--format',
    '$(REPO_URI)',
    'Created-By: Packages',
  ]);
  return stdout.split('\n').find(uri => /\/debian\/?$/.test(uri)) ?? 'http://deb.debian.org/debian';
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
