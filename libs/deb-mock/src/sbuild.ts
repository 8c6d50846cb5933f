import { mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { BuildLog } from './build-log.js';
import type { WorkFolder } from './cache.js';
import { cleanEnvironment, exitOf, spawnTied } from './run.js';
import { buildUser, type Sandbox } from './sandbox.js';
import { parseSummary, sbuildFailure } from './sbuild-result.js';
import type { Failure, Limits, SourcePackage } from './types.js';

export interface SbuildRequest {
  readonly source: SourcePackage;
  readonly suite: string;
  readonly architecture: string;
  readonly profiles: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Existing directory that receives what was built. */
  readonly outputDir: string;
  readonly limits: Limits;
  readonly signal?: AbortSignal;
}

/** Environment variables of dpkg-buildpackage in the sandbox. */
export function buildEnvironment(jobs: number, profiles: readonly string[]): Record<string, string> {
  const flags = ['nocheck', 'nodoc', 'noautodbgsym'].filter(flag => profiles.includes(flag));
  return {
    DEB_BUILD_OPTIONS: [`parallel=${jobs}`, ...flags].join(' '),
    HOME: '/nonexistent',
    LC_ALL: 'C.UTF-8',
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/usr/games',
    SHELL: '/bin/sh',
    USER: buildUser.name,
  };
}

/**
 * Builds a source package by sbuild in a sandbox that has its build dependencies.
 *
 * @returns why it failed, or undefined
 * @throws the signal's reason
 */
export async function runSbuild(
  request: SbuildRequest,
  sandbox: Sandbox,
  work: WorkFolder,
  log: BuildLog,
): Promise<Failure | undefined> {
  const { limits, signal, source } = request;
  signal?.throwIfAborted();
  await mkdir(work.path('home'));
  const config = work.path('sbuild.conf');
  await writeFile(config, sbuildConfig(request, sandbox));
  const sbuild = spawnTied(
    ['sbuild', '--nolog', '--dist', request.suite, '--arch', request.architecture, source.dsc],
    {
      cwd: request.outputDir,
      env: cleanEnvironment({ ...request.environment, HOME: work.path('home'), SBUILD_CONFIG: config }),
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let stopped: Failure | 'aborted' | undefined;
  const stop = (why: Failure | 'aborted') => {
    stopped ??= why;
    sbuild.kill('SIGKILL');
    sandbox.kill();
  };
  const abort = () => stop('aborted');
  const total = setTimeout(
    () => stop(timeout(`took longer than ${limits.totalSeconds} seconds`)),
    limits.totalSeconds * 1000,
  );
  const silence = setTimeout(
    () => stop(timeout(`was silent for ${limits.silenceSeconds} seconds`)),
    limits.silenceSeconds * 1000,
  );
  signal?.addEventListener('abort', abort);
  try {
    const ended = exitOf(sbuild);
    const follow = async (stream: NodeJS.ReadableStream | null) => {
      for await (const chunk of stream ?? []) {
        silence.refresh();
        await log.append(Buffer.from(chunk));
      }
    };
    await Promise.all([follow(sbuild.stdout), follow(sbuild.stderr)]);
    const code = await ended;
    signal?.throwIfAborted();
    if (stopped && stopped !== 'aborted') return stopped;
    return sbuildFailure(code, parseSummary(await log.end()), `${source.name} ${source.version}`);
  } catch (error) {
    // The log cannot be written.
    stop('aborted');
    throw error;
  } finally {
    clearTimeout(total);
    clearTimeout(silence);
    signal?.removeEventListener('abort', abort);
  }
}

function timeout(what: string): Failure {
  return { class: 'timeout', stage: 'build', message: `The build ${what} and was stopped.` };
}

/** sbuild reads the machine's own configuration before this one, so all that matters is said here. */
function sbuildConfig({ outputDir, environment, profiles, limits }: SbuildRequest, sandbox: Sandbox): string {
  const memory = limits.memoryBytes === undefined ? [] : [`--as=${limits.memoryBytes}`];
  const limited = ['prlimit', `--nproc=${limits.processes}`, ...memory, 'setpriv', '--no-new-privs', '--'];
  const server = fileURLToPath(new URL('./virt-server.js', import.meta.url));
  const settings: Record<string, string> = {
    chroot_mode: perl('autopkgtest'),
    autopkgtest_virt_server: perl(process.execPath),
    autopkgtest_virt_server_options: perlList([server, ...sandbox.command(limited)]),
    build_user: perl(buildUser.name),
    build_dir: perl(outputDir),
    build_path: perl('/build/reproducible-path'),
    build_dep_resolver: perl('null'),
    build_arch_all: '1',
    build_arch_any: '1',
    build_source: '0',
    build_profiles: perl(profiles.join(' ')),
    build_environment: '{}',
    environment_filter: perlList(Object.keys(environment).map(name => `^${name}$`)),
    path: perl(environment.PATH ?? ''),
    external_commands: '{}',
    // Ours are told apart by class; sbuild's own must never come first.
    stalled_pkg_timeout: String(Math.ceil(limits.silenceSeconds / 60) + 60),
    individual_stalled_pkg_timeout: '{}',
    purge_build_deps: perl('never'),
    purge_build_directory: perl('never'),
    purge_session: perl('always'),
    apt_clean: '0',
    apt_update: '0',
    apt_upgrade: '0',
    apt_distupgrade: '0',
    run_lintian: '0',
    run_piuparts: '0',
    run_autopkgtest: '0',
    log_colour: '0',
    key_id: perl(''),
  };
  return `${Object.entries(settings)
    .map(([name, value]) => `$${name} = ${value};\n`)
    .join('')}1;\n`;
}

function perl(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}

function perlList(texts: readonly string[]): string {
  return `[${texts.map(perl).join(', ')}]`;
}
