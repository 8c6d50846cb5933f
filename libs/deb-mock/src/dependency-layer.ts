import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildDepFailure } from './apt-output.js';
import type { Cache, LockOptions } from './cache.js';
import { sha256Json } from './digest.js';
import { installedFormat, recordInstalled } from './installed.js';
import { cleanEnvironment, proxyEnvironment } from './run.js';
import { Sandbox } from './sandbox.js';
import { type BaseRoot, BuildError, type InstalledPackage, type SourcePackage } from './types.js';

/** A base root with a source package's build dependencies over it. */
export interface DependencyLayer {
  readonly key: string;
  /** Directories of the overlay, topmost first, relative to the cache. */
  readonly lower: readonly string[];
  /** All that is installed, that of the base too. */
  readonly packages: readonly InstalledPackage[];
}

interface LayerOptions extends LockOptions {
  readonly onProgress?: (message: string) => void;
}

/** Changes whenever the steps below install something else for the same dependencies. */
const recipe = 1;

const relations = ['depends', 'conflicts'].flatMap(kind =>
  ['', '-arch', '-indep'].map(part => `build-${kind}${part}`),
);

const installScript = `
cat >/tmp/build.dsc
printf '#!/bin/sh\\nexit 101\\n' >/usr/sbin/policy-rc.d
chmod 755 /usr/sbin/policy-rc.d
[ ! -e /tmp/ca.crt ] || set -- -o Acquire::https::CaInfo=/tmp/ca.crt "$@"
apt-get --quiet --yes --no-install-recommends "$@" build-dep /tmp/build.dsc
rm -f /usr/sbin/policy-rc.d /var/cache/apt/*.bin
dpkg-query --show --showformat='${installedFormat}' >/tmp/installed`;

/**
 * The layer with the build dependencies of a source package, from the cache or installed by the root's own apt. Its
 * key holds the base and the relations alone, so that other versions and packages with the same ones share it.
 *
 * @throws BuildError of class `dependencies` if they cannot be satisfied, else `infrastructure`
 */
export async function ensureDependencyLayer(
  cache: Cache,
  base: BaseRoot,
  source: SourcePackage,
  profiles: readonly string[],
  options: LayerOptions,
): Promise<DependencyLayer> {
  const needed = relations.flatMap(name => {
    const value = source.fields[name]?.replace(/\s+/g, ' ').trim();
    return value ? [[name, value] as const] : [];
  });
  const key = sha256Json({ recipe, base: base.digest, needed, profiles: profiles.toSorted() });
  const directory = join('layers', key);
  const lower = [join(directory, 'upper'), join('bases', base.key, 'root')];
  await using _lock = await cache.lock(`layer-${key}`, options);
  const packages = await readPackages(cache.path(directory, 'packages.json'));
  if (packages) return { key, lower, packages };

  options.onProgress?.('installing the build dependencies');
  return { key, lower, packages: await install(cache, base, needed, profiles, directory, options) };
}

async function install(
  cache: Cache,
  base: BaseRoot,
  needed: readonly (readonly [string, string])[],
  profiles: readonly string[],
  directory: string,
  options: LayerOptions,
): Promise<InstalledPackage[]> {
  await using work = await cache.workFolder();
  const layer = join(work.relativePath, 'layer');
  await mkdir(cache.path(layer));
  await cache.mkdirInside(join(layer, 'upper'));
  await cache.mkdirInside(join(layer, 'work'));
  let listing: string;
  {
    await using sandbox = await Sandbox.start({
      cacheDir: cache.directory,
      network: true,
      root: { lower: [join('bases', base.key, 'root')], upper: { kind: 'directory', path: layer } },
    });
    const flags = profiles.length > 0 ? [`--build-profiles=${profiles.join(',')}`] : [];
    const result = await sandbox.run(['/bin/sh', '-euc', installScript, 'install', ...flags], {
      env: cleanEnvironment({ ...proxyEnvironment(), DEBIAN_FRONTEND: 'noninteractive' }),
      input: dscFor(needed),
      signal: options.signal,
      onLine: line => {
        if (/^Need to get /.test(line)) options.onProgress?.(`build dependencies: ${line}`);
      },
    });
    if (result.code !== 0) {
      throw new BuildError(buildDepFailure(result.stdout + result.stderr, base.suite, base.mirror));
    }
    listing = (await sandbox.run(['cat', '/tmp/installed'])).stdout;
  }
  const archives = cache.path(layer, 'upper/var/cache/apt/archives');
  await mkdir(archives, { recursive: true });
  const packages = await recordInstalled(listing, archives, cache.path('debs'), base.packages);
  await cache.remove(cache.path(layer, 'work'));
  await writeFile(cache.path(layer, 'packages.json'), `${JSON.stringify(packages)}\n`);
  await rm(cache.path(directory), { recursive: true, force: true });
  await rename(cache.path(layer), cache.path(directory));
  return packages;
}

/** A .dsc with nothing but the relations: all that apt is to see of a hostile one. */
function dscFor(needed: readonly (readonly [string, string])[]): string {
  const fields = needed.map(([name, value]) => `${name}: ${value}\n`);
  return `Format: 1.0\nSource: build\nBinary: build\nArchitecture: any all\nVersion: 1\n${fields.join('')}\n`;
}

async function readPackages(file: string): Promise<InstalledPackage[] | undefined> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : JSON.parse(text);
}
