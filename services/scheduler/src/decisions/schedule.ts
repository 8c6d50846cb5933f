import {
  type BuildEvent,
  BuildFailed,
  type BuildLifecycle,
  BuildScheduled,
  evolveBuild,
  isFinal,
  newBuild,
  newEvent,
} from '@tumbi/contracts';
import type { Decider } from '@tumbi/event-log';

export type ScheduleCommand =
  /** Let runners have a build that was asked for. */
  | { readonly kind: 'schedule'; readonly maxAttempts: number }
  /** Let runners have it once more, after the attempt that failed through no fault of the package. */
  | { readonly kind: 'retry'; readonly afterAttempt: number; readonly maxAttempts: number }
  /** End an attempt that is still running although its time is up. */
  | { readonly kind: 'expire'; readonly attempt: number; readonly limit: number };

/** When a build may run. Pure: what has happened and what is wanted make what happens next. */
export const schedule: Decider<BuildLifecycle, BuildEvent, ScheduleCommand> = {
  aggregate: 'build',
  initial: newBuild,
  evolve: evolveBuild,
  decide(build, command) {
    if (isFinal(build.state)) return [];
    switch (command.kind) {
      case 'schedule':
        if (build.scheduledBy || build.attempt > 0) return [];
        return [newEvent(BuildScheduled, { maxAttempts: command.maxAttempts, reason: 'requested' })];
      case 'retry':
        if (build.state !== 'Given-Back' || build.attempt !== command.afterAttempt || build.scheduledBy)
          return [];
        return [newEvent(BuildScheduled, { maxAttempts: command.maxAttempts, reason: 'retry' })];
      case 'expire':
        if (build.running?.attempt !== command.attempt) return [];
        return [
          newEvent(BuildFailed, {
            attempt: command.attempt,
            class: 'timeout',
            stage: 'build',
            message: `The attempt gave no result within its ${command.limit} seconds, nor did its runner say why.`,
            willRetry: false,
          }),
        ];
    }
  },
};
