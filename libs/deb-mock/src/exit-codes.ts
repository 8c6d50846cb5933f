import type { BuildOutcome, Failure } from './types.js';

/** Exit codes of the command, those of Fedora's Mock where it has them. */
export const exitCodes = {
  ok: [0, 'it was built'],
  other: [1, 'any other error'],
  commandLine: [5, 'the command line is wrong'],
  buildFailed: [10, 'the build of the package failed'],
  timeout: [11, 'a time limit was reached'],
  root: [20, 'the root could not be made or used: the mirror or this machine is at fault'],
  dependencies: [30, 'the build dependencies cannot be installed'],
  source: [40, 'the source package is missing or damaged'],
  locked: [60, 'another one is making the same root, and --no-wait was given'],
  resultDir: [70, 'the result folder cannot be used'],
  cancelled: [130, 'it was cancelled'],
} as const satisfies Record<string, readonly [number, string]>;

/** The exit code for a failure. */
export function failureExitCode({ class: failureClass, stage }: Failure): number {
  if (stage === 'locked') return exitCodes.locked[0];
  switch (failureClass) {
    case 'package':
      return exitCodes.buildFailed[0];
    case 'timeout':
      return exitCodes.timeout[0];
    case 'dependencies':
      return exitCodes.dependencies[0];
    case 'source':
      return exitCodes.source[0];
    case 'infrastructure':
      return exitCodes.root[0];
  }
}

/** The exit code for a build. */
export function outcomeExitCode({ status, failure }: Pick<BuildOutcome, 'status' | 'failure'>): number {
  if (status === 'succeeded') return exitCodes.ok[0];
  if (status === 'cancelled') return exitCodes.cancelled[0];
  return failure ? failureExitCode(failure) : exitCodes.other[0];
}
