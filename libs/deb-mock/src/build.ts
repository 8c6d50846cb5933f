import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { ensureBaseRoot } from './base-root.js';
import { BuildLog } from './build-log.js';
import { Cache, type WorkFolder } from './cache.js';
import { ensureDependencyLayer } from './dependency-layer.js';
import { readDsc } from './dsc.js';
import { fetchSource } from './fetch-source.js';
import { hostArchitecture } from './host-architecture.js';
import { hostDebianMirror } from './host-mirror.js';
import { type BuildResults, collectResults } from './results.js';
import { Sandbox } from './sandbox.js';
import { buildEnvironment, runSbuild } from './sbuild.js';
import { toolVersions } from './tools.js';
import {
  BuildError,
  type BuildInputs,
  type BuildOutcome,
  type BuildRequest,
  type Failure,
  type Limits,
  type Phase,
  type SourcePackage,
} from './types.js';
import { chooseUpper } from './workspace.js';

const defaultLimits: Limits = {
  totalSeconds: 4 * 3600,
  silenceSeconds: 150 * 60,
  logBytes: 1 << 30,
  processes: 4096,
};

/**
 * Builds one source package in a clean root and puts what comes of it into a folder. However the build ends, the
 * outcome says so.
 *
 * @throws ResultFolderError if the folder is in use; and whatever a callback throws
 */
export async function build(request: BuildRequest): Promise<BuildOutcome> {
  const resultDir = resolve(request.resultDir);
  await refuseUsedFolder(resultDir);
  const cache = await Cache.open(request.cacheDir);
  await using work = await cache.workFolder();
  const aside = join(dirname(resultDir), `.${basename(resultDir)}.${basename(work.relativePath)}`);
  await mkdir(dirname(resultDir), { recursive: true });
  await work.coversToo(aside);
  await mkdir(aside);
  const limits = { ...defaultLimits, ...request.limits };
  const log = await BuildLog.create(join(aside, 'build.log'), limits.logBytes, request.onLog);
  let outcome: Omit<BuildOutcome, 'log'>;
  try {
    outcome = await new Build(request, limits, cache, work, aside, log).run();
  } finally {
    await log.close();
    await rm(join(aside, '.output'), { recursive: true, force: true });
  }
  const ended = { ...outcome, log: { file: 'build.log', size: log.size, lines: log.lines } };
  await writeFile(join(aside, 'metadata.json'), `${JSON.stringify(ended, undefined, 2)}\n`);
  await rename(aside, resultDir);
  return withPaths(ended, resultDir);
}

/** The folder for a build's result is in use already. */
export class ResultFolderError extends Error {}

async function refuseUsedFolder(resultDir: string): Promise<void> {
  const entries = await readdir(resultDir).catch(error => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  if (entries.length > 0)
    throw new ResultFolderError(`The result folder ${resultDir} is not empty; name another one.`);
}

/** The outcome as it is returned, from the one that is stored. */
function withPaths(outcome: BuildOutcome, directory: string): BuildOutcome {
  return {
    ...outcome,
    debs: outcome.debs.map(deb => ({ ...deb, file: join(directory, deb.file) })),
    ...(outcome.changes === undefined ? {} : { changes: join(directory, outcome.changes) }),
    ...(outcome.buildinfo === undefined ? {} : { buildinfo: join(directory, outcome.buildinfo) }),
    log: { ...outcome.log, file: join(directory, outcome.log.file) },
  };
}

/** One build at work. */
class Build {
  private readonly seconds: Partial<Record<Phase | 'total', number>> = {};
  private inputs: BuildInputs | undefined;
  private phase: Phase = 'source';

  constructor(
    private readonly request: BuildRequest,
    private readonly limits: Limits,
    private readonly cache: Cache,
    private readonly work: WorkFolder,
    private readonly aside: string,
    private readonly log: BuildLog,
  ) {}

  async run(): Promise<Omit<BuildOutcome, 'log'>> {
    const started = performance.now();
    const ended = await this.attempt();
    this.seconds.total = secondsSince(started);
    return {
      debs: [],
      ...ended,
      ...(this.inputs ? { inputs: this.inputs } : {}),
      seconds: this.seconds,
    };
  }

  private async attempt(): Promise<
    | { status: 'failed'; failure: Failure }
    | { status: 'cancelled' }
    | ({ status: 'succeeded' } & BuildResults)
  > {
    try {
      return { status: 'succeeded', ...(await this.steps()) };
    } catch (error) {
      if (this.request.signal?.aborted) {
        await this.log.note('the build was cancelled');
        return { status: 'cancelled' };
      }
      const failure = this.failureOf(error);
      await this.log.note(failure.message);
      return { status: 'failed', failure };
    }
  }

  private failureOf(error: unknown): Failure {
    if (error instanceof BuildError) return error.failure;
    if (error instanceof CallbackError) throw error.cause;
    const message = error instanceof Error ? error.message : String(error);
    return { class: 'infrastructure', stage: this.phase, message };
  }

  private async steps(): Promise<BuildResults> {
    const { request, cache, work, limits } = this;
    const { signal, suite, profiles = [] } = request;
    signal?.throwIfAborted();
    const tools = await toolVersions();
    const architecture = request.architecture ?? (await hostArchitecture());
    const mirror = request.mirror ?? hostDebianMirror();
    const source = await this.during('source', () => this.source(mirror));
    const base = await this.during('base', () => ensureBaseRoot({ ...request, architecture, mirror, suite }));
    const layer = await this.during('dependencies', () =>
      ensureDependencyLayer(cache, base, source, profiles, request),
    );
    const environment = buildEnvironment(request.jobs ?? availableParallelism(), profiles);
    const inputs: BuildInputs = {
      source: { name: source.name, version: source.version, files: source.files },
      base: { key: base.key, digest: base.digest, suite, architecture, mirror: base.mirror },
      packages: layer.packages,
      tools,
      environment,
    };
    this.inputs = inputs;
    await this.call(() => request.onInputs?.(inputs));

    const outputDir = join(this.aside, '.output');
    await mkdir(outputDir);
    await this.during('build', async () => {
      const upper = await chooseUpper(request.workspace, limits.spaceBytes, work);
      await using sandbox = await Sandbox.start({
        cacheDir: cache.directory,
        network: false,
        root: { lower: layer.lower, upper },
      });
      const failure = await runSbuild(
        { source, suite, architecture, profiles, environment, outputDir, limits, signal },
        sandbox,
        work,
        this.log,
      );
      if (failure) throw new BuildError(failure);
    });
    return await this.during('results', () => collectResults(outputDir, this.aside, signal));
  }

  private async source(mirror: string): Promise<SourcePackage> {
    const { source, suite, signal, keyring } = this.request;
    if ('dsc' in source) return await readDsc(source.dsc, { signal });
    const dir = this.work.path('source');
    await mkdir(dir);
    const { cacheDir } = this.request;
    return await fetchSource({ suite, mirror, keyring, ...source, dir, cacheDir, signal });
  }

  private async during<T>(phase: Phase, step: () => Promise<T>): Promise<T> {
    this.phase = phase;
    await this.call(() => this.request.onPhase?.(phase));
    const started = performance.now();
    try {
      return await step();
    } finally {
      this.seconds[phase] = secondsSince(started);
    }
  }

  /** An exception of the caller's own code is the caller's, never a build's failure. */
  private async call(callback: () => unknown): Promise<void> {
    try {
      await callback();
    } catch (error) {
      throw new CallbackError('a callback failed', { cause: error });
    }
  }
}

class CallbackError extends Error {}

function secondsSince(start: number): number {
  return Math.round(performance.now() - start) / 1000;
}
