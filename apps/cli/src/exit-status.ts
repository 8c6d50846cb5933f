import { type Build, InvalidAddress, Unreachable } from '@tumbi/api-client';
import { CommandError, UsageError } from './errors.js';

/** The exit statuses of every command, for scripts. */
export const EXIT = {
  ok: 0,
  error: 1,
  unreachable: 3,
  usage: 5,
  package: 10,
  timeout: 11,
  infrastructure: 20,
  dependencies: 30,
  source: 40,
  interrupted: 130,
} as const;

export const EXIT_MEANINGS: readonly (readonly [number, string])[] = [
  [EXIT.ok, 'done; of a build: its packages can be installed from the repository'],
  [EXIT.error, 'any other error, or the build was cancelled'],
  [EXIT.unreachable, 'the server cannot be reached'],
  [EXIT.usage, 'wrong options or arguments'],
  [EXIT.package, 'the package failed to build'],
  [EXIT.timeout, 'the build took longer than its time limit'],
  [EXIT.infrastructure, 'the build failed for reasons outside the package, such as a mirror that is down'],
  [EXIT.dependencies, 'the build dependencies cannot be installed'],
  [EXIT.source, 'the source package is missing or broken'],
  [EXIT.interrupted, 'interrupted by Ctrl-C; a build goes on'],
];

/** The status that tells how a build ended. */
export function exitStatusOf(build: Pick<Build, 'state' | 'attempts'>): number {
  if (build.state === 'Installed' || build.state === 'Built') return EXIT.ok;
  if (build.state === 'Cancelled') return EXIT.error;
  const outcome = build.attempts.at(-1)?.outcome;
  return outcome === undefined || outcome === 'succeeded' ? EXIT.error : EXIT[outcome];
}

/** The status for an error that ends a command. */
export function exitStatusOfError(error: unknown): number {
  if (error instanceof CommandError) return error.status;
  if (error instanceof UsageError || error instanceof InvalidAddress) return EXIT.usage;
  return error instanceof Unreachable ? EXIT.unreachable : EXIT.error;
}
