import type { Failure } from './types.js';

/** What sbuild's summary, at the end of its log, says about how it went. */
export interface SbuildSummary {
  /** `successful`, `attempted`, `given-back`, `skipped` or `failed`. */
  readonly status?: string;
  /** Set unless successful: `build`, `unpack`, `install-deps` … */
  readonly failStage?: string;
}

/** Reads the summary from the end of sbuild's log. Only the last one counts: a build can print what it likes. */
export function parseSummary(logEnd: string): SbuildSummary {
  const start = logEnd.lastIndexOf('\n| Summary');
  if (start < 0) return {};
  const summary = logEnd.slice(start);
  const field = (name: string) => new RegExp(`^${name}: ([a-z][a-z -]*)$`, 'm').exec(summary)?.[1];
  return { status: field('Status'), failStage: field('Fail-Stage') };
}

/** The stages in which the package itself fails. `arch-check` is not among the words of newer versions. */
const packageStages = new Set(['build', 'arch-check', 'check-architecture']);
const sourceStages = new Set(['fetch-src', 'unpack', 'check-unpacked-version']);

/**
 * What sbuild's end means. Its exit status is 0 if it succeeded or skipped the package, 2 if the package failed, 3 if
 * the build should be tried again elsewhere, 1 for anything else; stages are those of `Sbuild::Build`.
 *
 * @param code null if a signal ended sbuild
 * @returns undefined if the build succeeded
 */
export function sbuildFailure(
  code: number | null,
  { status, failStage }: SbuildSummary,
  source: string,
): Failure | undefined {
  if (code === 0 && status === 'successful') return undefined;
  const stage = failStage ?? 'build';
  const failure = (failureClass: Failure['class'], message: string): Failure => ({
    class: failureClass,
    stage,
    message,
  });
  if (status === undefined || code === null) {
    return failure('infrastructure', 'sbuild ended without a summary; the end of the log may say why.');
  }
  if (status === 'skipped') {
    return failure('package', `${source} builds nothing for this architecture.`);
  }
  if (packageStages.has(stage))
    return failure('package', `The build of ${source} failed; see the end of its log.`);
  if (sourceStages.has(stage))
    return failure('source', `${source} cannot be unpacked by dpkg-source; see the log.`);
  if (stage === 'install-deps') {
    return failure('dependencies', `The build dependencies of ${source} are not satisfied; see the log.`);
  }
  return failure('infrastructure', `sbuild failed at its stage ${stage}; see the end of the log.`);
}
