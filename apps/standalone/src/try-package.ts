import { ensureBaseRoot, hostDebianMirror, openScratchRoot } from '@tumbi/deb-mock';

/**
 * Installs a package with an unmodified apt in a throw-away root, and runs its program.
 * @returns what the program of the package's name prints, or the package's status where it has none
 * @throws Error with apt's own words when it can't be installed
 */
export async function tryPackage(wanted: {
  readonly package: string;
  readonly version: string;
  readonly suite: string;
  /** A deb822 entry with the repository and its key. */
  readonly sources: string;
  readonly cacheDir: string;
}): Promise<string> {
  const { cacheDir } = wanted;
  const base = await ensureBaseRoot({ suite: wanted.suite, mirror: hostDebianMirror(), cacheDir });
  await using root = await openScratchRoot(base, cacheDir);
  const install = `
    cat >/etc/apt/sources.list.d/tumbi.sources
    apt-get --quiet update
    DEBIAN_FRONTEND=noninteractive apt-get --quiet --yes --allow-downgrades install "$1=$2"`;
  const apt = await root.run(['sh', '-euc', install, 'install', wanted.package, wanted.version], {
    input: wanted.sources,
  });
  if (apt.code !== 0) throw new Error(`apt could not install ${wanted.package}: ${apt.stderr.trim()}`);
  const use = `
    program=$(dpkg --listfiles "$1" | grep -E "^/usr/(s?bin|games)/$1\\$" || true)
    if [ -n "$program" ]; then timeout 20 "$program" </dev/null; else dpkg --status "$1"; fi`;
  const { stdout, stderr } = await root.run(['sh', '-uc', use, 'use', wanted.package]);
  return (stdout || stderr).trim();
}
