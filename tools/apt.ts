import { existsSync, readdirSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { DEBIAN_PACKAGES, type DebianPackage, type Purpose } from './debian-packages.ts';
import { capture, step } from './progress.ts';

/** A main cluster that nobody asked for would take a port and memory: no server of Debian's own is wanted. */
const NO_MAIN_CLUSTER = '/etc/postgresql-common/createcluster.d/tumbi.conf';

export async function missingPackages(purposes: readonly Purpose[]): Promise<DebianPackage[]> {
  const needed = DEBIAN_PACKAGES.filter(one => one.purposes.some(purpose => purposes.includes(purpose)));
  const { output } = await capture([
    'dpkg-query',
    '--show',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg-query's own placeholders
    '--showformat=${db:Status-Status} ${Package}\n',
    ...needed.map(one => one.name),
  ]);
  const installed = new Set(
    output
      .split('\n')
      .flatMap(line => (line.startsWith('installed ') ? [line.slice('installed '.length)] : [])),
  );
  return needed.filter(one => !installed.has(one.name) && !(one.name === 'postgresql' && hasPostgres()));
}

/** Any major version does, and `postgresql` is only the name of the newest. */
function hasPostgres(): boolean {
  const folder = '/usr/lib/postgresql';
  return (
    existsSync(folder) && readdirSync(folder).some(version => existsSync(`${folder}/${version}/bin/postgres`))
  );
}

/**
 * Installs packages with apt-get, as root or by sudo; names them first, and asks when somebody is there to answer.
 * @throws Error with one sentence, and the command to run, when that is not possible
 */
export async function installDebianPackages(
  packages: readonly DebianPackage[],
  logFile: string,
): Promise<void> {
  const names = packages.map(one => one.name);
  process.stderr.write('These Debian packages are needed and not installed:\n');
  for (const { name, why } of packages) {
    process.stderr.write(`  ${name.padEnd(24)} ${why}\n`);
  }
  const root = await rootPrefix(`apt-get install ${names.join(' ')}`);
  const interactive = process.stdin.isTTY && process.stderr.isTTY;
  if (interactive && !(await agrees('Install them now? [Y/n] '))) {
    throw new Error(`Nothing was installed. Run this yourself: apt-get install ${names.join(' ')}`);
  }
  const apt = [
    ...root,
    'env',
    'DEBIAN_FRONTEND=noninteractive',
    'apt-get',
    '-q',
    '-o',
    'DPkg::Lock::Timeout=600',
  ];
  const install = [...apt, 'install', '-y', '--no-install-recommends'];
  const refresh = () => step({ what: 'Reading the package lists', command: [...apt, 'update'], logFile });
  if ((await capture([...install, '--simulate', ...names])).status !== 0) {
    await refresh();
  }
  await withoutMainCluster(names, root, async () => {
    const fetch = [...install, '--download-only', ...names];
    if ((await capture(fetch)).status !== 0) {
      await refresh(); // the lists name files that the mirror has replaced
    }
    await step({ what: `Installing ${names.join(', ')}`, command: [...install, ...names], logFile });
  });
}

/** What puts a command in root's hands: nothing, or sudo. */
export async function rootPrefix(wanted: string): Promise<string[]> {
  if (process.geteuid?.() === 0) {
    return [];
  }
  const sudo = process.stdin.isTTY ? ['sudo'] : ['sudo', '--non-interactive'];
  if ((await capture([...sudo, 'true'])).status !== 0) {
    throw new Error(
      `This needs root, and sudo cannot be used here. Run this as root, then try again: ${wanted}`,
    );
  }
  return sudo;
}

async function withoutMainCluster(
  names: readonly string[],
  root: readonly string[],
  install: () => Promise<void>,
): Promise<void> {
  if (!names.includes('postgresql')) {
    return install();
  }
  const script = `mkdir -p "$(dirname ${NO_MAIN_CLUSTER})" && echo 'create_main_cluster = false' > ${NO_MAIN_CLUSTER}`;
  await capture([...root, 'sh', '-c', script]);
  try {
    await install();
  } finally {
    await capture([...root, 'rm', '-f', NO_MAIN_CLUSTER]);
  }
}

async function agrees(question: string): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question(question);
  terminal.close();
  return /^(y|yes|)$/i.test(answer.trim());
}
