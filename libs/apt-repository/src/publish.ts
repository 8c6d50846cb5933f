import { createHash } from 'node:crypto';
import { InvalidPackage } from './errors.js';
import { type IndexForm, packagesIndex } from './packages-index.js';
import { type PublishedBefore, readPublishes, writePublishes } from './past-publishes.js';
import { checkSuite, formatRelease } from './release.js';
import type {
  BinaryPackage,
  Component,
  PoolFile,
  PublishedSuite,
  RepositoryFiles,
  RepositorySigner,
  Suite,
} from './repository.js';
import { packageStanza, poolPath } from './stanza.js';

/**
 * How long indexes of past publishes stay, for clients that read an older InRelease: those of the last publishes, and
 * those of the last seconds however many publishes that were.
 */
export interface PublishOptions {
  /** Default 10. */
  readonly keepPublishes?: number;
  /** Default 3600. */
  readonly keepSeconds?: number;
}

interface Index {
  /** The folder relative to `dists/<suite>/`, like `main/binary-amd64`. */
  readonly folder: string;
  readonly forms: readonly IndexForm[];
}

/**
 * Publishes a suite: its indexes, Release, Release.gpg and InRelease. The .debs themselves are the caller's to serve at
 * `pool`'s paths, before it calls this. Equal suites and keys give equal files.
 *
 * First come the by-hash files that the new InRelease will name, and last InRelease itself: a client that reads at any
 * moment, and one that sees a publish which was cut off, finds all that its InRelease names. There must
 * be one publisher per suite at a time.
 *
 * Rejects with `InvalidPackage`, before anything is written, for a suite that breaks Debian's rules or holds two different
 * files of one package, version and architecture; with what `files` rejects with.
 */
export async function publishSuite(
  files: RepositoryFiles,
  suite: Suite,
  signer: RepositorySigner,
  options: PublishOptions = {},
): Promise<PublishedSuite> {
  checkSuite(suite);
  checkPackages(suite);
  const indexes = await buildIndexes(suite);
  const release = formatRelease(suite, indexes.flatMap(releaseEntries));
  const inRelease = await signer.clearsign(release, suite.date);
  const signature = await signer.sign(release, suite.date);

  const dists = `dists/${suite.name}`;
  const byHash: string[] = [];
  for (const { folder, forms } of indexes) {
    for (const { sha256, bytes } of forms) {
      if (bytes === undefined) continue;
      const path = `${folder}/by-hash/SHA256/${sha256}`;
      await files.write(`${dists}/${path}`, bytes);
      byHash.push(path);
    }
  }
  const publishes = await rememberPublish(
    files,
    dists,
    { date: suite.date.toISOString(), files: byHash },
    options,
  );
  for (const { folder, forms } of indexes) {
    for (const { suffix, bytes } of forms) {
      if (bytes !== undefined) await files.write(`${dists}/${folder}/Packages${suffix}`, bytes);
    }
  }
  await files.write(`${dists}/Release.gpg`, Buffer.from(signature));
  await files.write(`${dists}/Release`, Buffer.from(release));
  await files.write(`${dists}/InRelease`, Buffer.from(inRelease));
  await removeForgotten(files, dists, publishes);

  return {
    suite: suite.name,
    date: suite.date,
    fingerprint: signer.fingerprint,
    releaseSha256: createHash('sha256').update(release).digest('hex'),
    pool: poolOf(suite),
  };
}

async function buildIndexes(suite: Suite): Promise<Index[]> {
  const indexes: Index[] = [];
  for (const component of suite.components) {
    const stanzas = stanzasOf(component);
    for (const architecture of suite.architectures) {
      const own = stanzas.filter(({ binary }) => ['all', architecture].includes(binary.architecture));
      const forms = await packagesIndex(own.map(({ stanza }) => stanza));
      indexes.push({ folder: `${component.name}/binary-${architecture}`, forms });
    }
  }
  return indexes;
}

/** Each package once, in an order that does not depend on the caller's. */
function stanzasOf(component: Component): { path: string; binary: BinaryPackage; stanza: string }[] {
  const byPath = new Map(component.packages.map(binary => [poolPath(component.name, binary), binary]));
  return [...byPath]
    .map(([path, binary]) => ({ path, binary, stanza: packageStanza(component.name, binary) }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

function releaseEntries({ folder, forms }: Index): { path: string; size: number; sha256: string }[] {
  return forms.map(({ suffix, size, sha256 }) => ({ path: `${folder}/Packages${suffix}`, size, sha256 }));
}

function checkPackages(suite: Suite): void {
  const known = new Map<string, string>();
  for (const { name, version, architecture, sha256 } of suite.components.flatMap(
    ({ packages }) => packages,
  )) {
    if (architecture !== 'all' && !suite.architectures.includes(architecture)) {
      throw new InvalidPackage(
        `The suite ${suite.name} is for ${suite.architectures.join(', ')}, but ${name} ${version} is for ${architecture}.`,
      );
    }
    const key = `${name} ${version} ${architecture}`;
    if ((known.get(key) ?? sha256) !== sha256) {
      throw new InvalidPackage(
        `The suite ${suite.name} holds two different files of ${key}: untag one of them.`,
      );
    }
    known.set(key, sha256);
  }
}

function poolOf(suite: Suite): PoolFile[] {
  const pool = new Map<string, PoolFile>();
  for (const { name, packages } of suite.components) {
    for (const binary of packages) {
      const path = poolPath(name, binary);
      pool.set(path, { path, sha256: binary.sha256, size: binary.size });
    }
  }
  return [...pool.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Writes down what this publish needs, and gives the publishes whose files stay. */
async function rememberPublish(
  files: RepositoryFiles,
  dists: string,
  publish: PublishedBefore,
  { keepPublishes = 10, keepSeconds = 3600 }: PublishOptions,
): Promise<PublishedBefore[]> {
  const oldest = Date.parse(publish.date) - keepSeconds * 1000;
  const before = await readPublishes(files, dists);
  const kept = before.filter((past, age) => age < keepPublishes || Date.parse(past.date) > oldest);
  const publishes = [publish, ...kept];
  await writePublishes(files, dists, publishes);
  return publishes;
}

async function removeForgotten(
  files: RepositoryFiles,
  dists: string,
  publishes: PublishedBefore[],
): Promise<void> {
  const kept = new Set(publishes.flatMap(publish => publish.files.map(file => `${dists}/${file}`)));
  for await (const path of files.list(`${dists}/`)) {
    if (path.includes('/by-hash/') && !kept.has(path)) await files.remove(path);
  }
}
