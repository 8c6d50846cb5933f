import { type BuildEvent, type BuildLifecycle, evolveBuild, isFinal, newBuild } from '@tumbi/contracts';

/** What a runner that was handed a build should do about it. */
export type Taking =
  /** Build: this is the attempt's number. */
  | { readonly kind: 'build'; readonly attempt: number; readonly lastAttempt: boolean }
  /** Nothing: it has ended, or is not waiting for a runner. */
  | { readonly kind: 'leave' }
  /** Say that it has failed: every attempt so far lost its runner. */
  | { readonly kind: 'give-up'; readonly attempt: number };

/** A build as far as its history goes. */
export function foldBuild(history: readonly BuildEvent[]): BuildLifecycle {
  return history.reduce(evolveBuild, newBuild);
}

/**
 * Whether to build what a BuildScheduled hands out. It is handed out again only when its runner has given no sign
 * of life for the whole lease, so a new attempt replaces the one that runs. An old one, which another attempt has
 * answered since, is nobody's any more.
 */
export function take(build: BuildLifecycle, scheduled: string): Taking {
  if (isFinal(build.state)) return { kind: 'leave' };
  if (build.running) {
    if (build.running.scheduledBy !== scheduled) return { kind: 'leave' };
    if (build.attempt >= build.maxAttempts) return { kind: 'give-up', attempt: build.attempt };
  } else if (build.scheduledBy !== scheduled) return { kind: 'leave' };
  const attempt = build.attempt + 1;
  return { kind: 'build', attempt, lastAttempt: attempt >= build.maxAttempts };
}
