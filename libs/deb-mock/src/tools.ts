import { readFileSync } from 'node:fs';
import { run } from './run.js';
import { BuildError } from './types.js';

/** Debian packages of the tools that take part in a build from outside of its root. */
export const requiredPackages = [
  'apt',
  'debian-archive-keyring',
  'dpkg',
  'iproute2',
  'mmdebstrap',
  'mount',
  'sbuild',
  'uidmap',
  'util-linux',
] as const;

/**
 * Versions of the tools that take part, by Debian package, and of this library as `deb-mock`.
 *
 * @throws BuildError that names the missing packages and how to install them
 */
export async function toolVersions(): Promise<Record<string, string>> {
  const format = ['Package', 'Version', 'db:Status-Status'].map(field => `\${${field}}`).join('\\t');
  const { stdout } = await run(['dpkg-query', '--show', `--showformat=${format}\\n`, ...requiredPackages]);
  const versions: Record<string, string> = { 'deb-mock': ownVersion() };
  for (const line of stdout.split('\n')) {
    const [name, version, status] = line.split('\t');
    if (name && version && status === 'installed') versions[name] = version;
  }
  const missing = requiredPackages.filter(name => !versions[name]);
  if (missing.length === 0) return versions;
  throw new BuildError({
    class: 'infrastructure',
    stage: 'base',
    message: `Building needs Debian packages that are missing here; install them with: apt-get install ${missing.join(' ')}`,
  });
}

function ownVersion(): string {
  return JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version;
}
