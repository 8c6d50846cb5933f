import type { BuildEvent, FailureClass } from './events/build.js';

/**
 * A build's states, in the words of wanna-build (wiki.debian.org/Buildd/WannaBuildStates). `Given-Back` is an
 * attempt that failed through no fault of the package and will be tried again; `Failed` is one that will not.
 */
export const BUILD_STATES = [
  'Needs-Build',
  'Building',
  'Built',
  'Given-Back',
  'Build-Attempted',
  'BD-Uninstallable',
  'Failed',
  'Cancelled',
] as const;
export type BuildState = (typeof BUILD_STATES)[number];

/** States that a build does not leave. */
const FINAL: ReadonlySet<BuildState> = new Set([
  'Built',
  'Build-Attempted',
  'BD-Uninstallable',
  'Failed',
  'Cancelled',
]);

export interface BuildLifecycle {
  readonly state: BuildState | undefined;
  /** Attempts that were begun, whether or not they ended. */
  readonly attempt: number;
  /** The event that began the running attempt; undefined when none runs. */
  readonly running:
    | {
        attempt: number;
        runner: string;
        startedBy: string;
        /** The BuildScheduled that the attempt answers. */
        scheduledBy: string | undefined;
        at: string;
      }
    | undefined;
  /** The sha256 of each .deb the running attempt has recorded. */
  readonly debs: readonly string[];
  readonly maxAttempts: number;
  /** The BuildScheduled that waits for a runner; undefined when none does. */
  readonly scheduledBy: string | undefined;
  /** The last event of this build, for the expected sequence of the next append. */
  readonly lastSequence: number;
}

export const newBuild: BuildLifecycle = {
  state: undefined,
  attempt: 0,
  running: undefined,
  debs: [],
  maxAttempts: 1,
  scheduledBy: undefined,
  lastSequence: 0,
};

export function isFinal(state: BuildState | undefined): boolean {
  return state !== undefined && FINAL.has(state);
}

/** The state a failed attempt leaves a build in. */
export function stateAfterFailure(failure: { class: FailureClass; willRetry: boolean }): BuildState {
  if (failure.willRetry) return 'Given-Back';
  if (failure.class === 'package' || failure.class === 'timeout') return 'Build-Attempted';
  return failure.class === 'dependencies' ? 'BD-Uninstallable' : 'Failed';
}

/** What a build's history says so far. An event after the end changes nothing: the end stands. */
export function evolveBuild(build: BuildLifecycle, event: BuildEvent): BuildLifecycle {
  const lastSequence = event.sequence;
  if (isFinal(build.state)) return { ...build, lastSequence };
  switch (event.name) {
    case 'BuildRequested':
      return { ...build, state: 'Needs-Build', lastSequence };
    case 'BuildScheduled':
      return {
        ...build,
        state: build.state ?? 'Needs-Build',
        scheduledBy: event.id,
        maxAttempts: event.data.maxAttempts,
        lastSequence,
      };
    case 'BuildStarted':
      return {
        ...build,
        state: 'Building',
        attempt: event.data.attempt,
        running: {
          attempt: event.data.attempt,
          runner: event.data.runner,
          startedBy: event.id,
          scheduledBy: event.causationId,
          at: event.recordedAt,
        },
        debs: [],
        scheduledBy: undefined,
        lastSequence,
      };
    case 'DebProduced':
      if (event.data.attempt !== build.running?.attempt) return { ...build, lastSequence };
      return { ...build, debs: [...build.debs, event.data.sha256], lastSequence };
    case 'BuildSucceeded':
      if (event.data.attempt !== build.running?.attempt) return { ...build, lastSequence };
      return { ...build, state: 'Built', running: undefined, scheduledBy: undefined, lastSequence };
    case 'BuildFailed':
      return {
        ...build,
        state: stateAfterFailure(event.data),
        attempt: Math.max(build.attempt, event.data.attempt),
        running: undefined,
        debs: [],
        scheduledBy: undefined,
        lastSequence,
      };
    case 'BuildCancelled':
      return { ...build, state: 'Cancelled', running: undefined, scheduledBy: undefined, lastSequence };
  }
}
