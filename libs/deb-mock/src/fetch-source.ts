import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fetchFailure, lastError } from './apt-output.js';
import { Cache } from './cache.js';
import { isPackageName, isVersion } from './control.js';
import { sha256Json } from './digest.js';
import { readDsc } from './dsc.js';
import { type CommandResult, cleanEnvironment, proxyEnvironment, run } from './run.js';
import { BuildError, type FailureClass, type SourcePackage } from './types.js';

export interface FetchSourceRequest {
  readonly name: string;
  /** Default: the newest in the suite. */
  readonly version?: string;
  readonly suite: string;
  readonly mirror: string;
  /** Keyring for the mirror's signatures; default: Debian's. */
  readonly keyring?: string;
  /** Existing empty directory that receives the files. */
  readonly dir: string;
  /** Where the mirror's indices are kept between calls. */
  readonly cacheDir: string;
  readonly signal?: AbortSignal;
}

const debianKeyring = '/usr/share/keyrings/debian-archive-keyring.gpg';

/**
 * Fetches a source package from a Debian mirror by apt, which checks its signatures; nothing of the host's own apt
 * configuration, lists or trust takes part.
 *
 * @throws BuildError of class `source` if the mirror does not have the package or one of its files, of class
 * `infrastructure` if the mirror does not answer or is not to be trusted
 */
export async function fetchSource(request: FetchSourceRequest): Promise<SourcePackage> {
  const { name, version, suite, mirror, dir, signal } = request;
  if (!isPackageName(name))
    throw failure('source', `${JSON.stringify(name)} is not the name of a source package.`);
  if (version !== undefined && !isVersion(version)) {
    throw failure('source', `${JSON.stringify(version)} is not the version of a package.`);
  }
  const cache = await Cache.open(request.cacheDir);
  const apt = await PrivateApt.open(cache, request);
  await using _lock = await cache.lock(`sources-${basename(apt.directory)}`, { signal });

  const update = await apt.get(['-o', 'APT::Update::Error-Mode=any', 'update'], signal);
  if (update.code !== 0) throw failure('infrastructure', mirrorTrouble(update, mirror));

  const wanted = version === undefined ? name : `${name}=${version}`;
  const source = await apt.get(['--only-source', '--download-only', 'source', wanted], signal, dir);
  if (source.code !== 0) throw sourceFailure(source, wanted, suite, mirror);
  const dsc = (await readdir(dir)).find(file => file.endsWith('.dsc'));
  if (!dsc) throw failure('source', `The mirror ${mirror} has no .dsc for ${wanted}.`);
  return await readDsc(join(dir, dsc), { signal });
}

/** apt with lists and configuration of its own, for the sources of one suite of one mirror. */
class PrivateApt {
  private constructor(readonly directory: string) {}

  static async open(
    cache: Cache,
    { suite, mirror, keyring = debianKeyring }: FetchSourceRequest,
  ): Promise<PrivateApt> {
    const directory = cache.path('sources', sha256Json({ suite, mirror, keyring }));
    await mkdir(join(directory, 'lists/partial'), { recursive: true });
    await mkdir(join(directory, 'archives/partial'), { recursive: true });
    const files = {
      'sources.list': `deb-src [signed-by=${keyring}] ${mirror} ${suite} main\n`,
      status: '',
      'apt.conf': [
        ['Dir::Etc::Main', '/dev/null'],
        ['Dir::Etc::Parts', '/dev/null'],
        ['Dir::Etc::SourceList', join(directory, 'sources.list')],
        ['Dir::Etc::SourceParts', '/dev/null'],
        ['Dir::Etc::Preferences', '/dev/null'],
        ['Dir::Etc::PreferencesParts', '/dev/null'],
        ['Dir::State', directory],
        ['Dir::State::Lists', join(directory, 'lists')],
        ['Dir::State::Status', join(directory, 'status')],
        ['Dir::Cache', directory],
        ['Acquire::Languages', 'none'],
        // The private folder need not be open to apt's own user.
        ['APT::Sandbox::User', 'root'],
      ]
        .map(([key, value]) => `${key} "${value}";\n`)
        .join(''),
    };
    for (const [name, text] of Object.entries(files)) await writeFile(join(directory, name), text);
    return new PrivateApt(directory);
  }

  get(parameters: readonly string[], signal?: AbortSignal, cwd = this.directory): Promise<CommandResult> {
    const env = cleanEnvironment({ ...proxyEnvironment(), APT_CONFIG: join(this.directory, 'apt.conf') });
    return run(['apt-get', '--quiet', ...parameters], { env, cwd, signal });
  }
}

function mirrorTrouble({ stdout, stderr }: CommandResult, mirror: string): string {
  const fetch = fetchFailure(stdout + stderr);
  return fetch
    ? `The mirror ${mirror} did not give ${fetch.url}: ${fetch.reason}.`
    : `The mirror ${mirror} cannot be used: ${lastError(stderr)}.`;
}

function sourceFailure(result: CommandResult, wanted: string, suite: string, mirror: string): BuildError {
  if (/^E: Unable to find a source package for /m.test(result.stderr)) {
    return failure('source', `There is no source package ${wanted} in ${suite} of ${mirror}.`);
  }
  const fetch = fetchFailure(result.stderr);
  if (fetch && /^(?:404|410)\b/.test(fetch.reason)) {
    const message = `The mirror ${mirror} lacks the file ${fetch.url} of ${wanted} (${fetch.reason}); try another mirror, suite or version.`;
    return failure('source', message);
  }
  return failure('infrastructure', mirrorTrouble(result, mirror));
}

function failure(failureClass: FailureClass, message: string): BuildError {
  return new BuildError({ class: failureClass, stage: 'source', message });
}
