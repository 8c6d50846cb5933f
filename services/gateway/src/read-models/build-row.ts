import { type BuildEvent, evolveBuild, newBuild } from '@tumbi/contracts';
import type { AttemptSummary, BuildRow } from './hub.entities.js';

/** A build's row after an event. Pure. */
export function evolveBuildRow(row: BuildRow | undefined, event: BuildEvent): BuildRow | undefined {
  if (event.name === 'BuildRequested') return requested(event);
  if (!row) return undefined;
  const lifecycle = evolveBuild(row.lifecycle, event);
  const next: BuildRow = { ...row, lifecycle };
  // An event that the lifecycle ignores, such as the end of an attempt after a cancellation, shows nowhere else.
  if (
    lifecycle.state === row.lifecycle.state &&
    lifecycle.attempt === row.lifecycle.attempt &&
    !lifecycle.running
  )
    return next;
  next.state = lifecycle.state ?? row.state;
  switch (event.name) {
    case 'BuildStarted':
      next.source = event.data.source.name;
      next.version = event.data.source.version;
      next.startedAt ??= event.recordedAt;
      next.inputs = event.data.inputs;
      next.attempts = withAttempt(row, {
        attempt: event.data.attempt,
        runner: event.data.runner,
        startedAt: event.recordedAt,
      });
      return next;
    case 'BuildSucceeded':
      next.finishedAt = event.recordedAt;
      next.changes = event.data.changes;
      next.buildinfo = event.data.buildinfo;
      next.seconds = event.data.seconds;
      next.attempts = withAttempt(row, {
        attempt: event.data.attempt,
        finishedAt: event.recordedAt,
        outcome: 'succeeded',
        log: event.data.log,
      });
      return next;
    case 'BuildFailed':
      if (!event.data.willRetry) next.finishedAt = event.recordedAt;
      next.attempts = withAttempt(row, {
        attempt: event.data.attempt,
        finishedAt: event.recordedAt,
        outcome: event.data.class,
        stage: event.data.stage,
        message: event.data.message,
        ...(event.data.log ? { log: event.data.log } : {}),
      });
      return next;
    case 'BuildCancelled':
      next.finishedAt = event.recordedAt;
      return next;
    default:
      return next;
  }
}

function requested(event: Extract<BuildEvent, { name: 'BuildRequested' }>): BuildRow {
  const { source, suite, architecture, tag, timeLimit } = event.data;
  return {
    id: event.aggregateId,
    source: source.kind === 'archive' ? source.name : sourceOfDsc(source.dsc),
    version: source.kind === 'archive' ? (source.version ?? null) : null,
    request: source,
    suite,
    architecture,
    tag,
    timeLimit,
    state: 'Needs-Build',
    lifecycle: evolveBuild(newBuild, event),
    attempts: [],
    requestedBy: event.actor,
    requestedAt: event.recordedAt,
    startedAt: null,
    finishedAt: null,
    inputs: null,
    changes: null,
    buildinfo: null,
    seconds: null,
    taggedAt: null,
  };
}

/** `hello` of `hello_2.10-3.dsc`. */
function sourceOfDsc(dsc: string): string {
  return dsc.replace(/_.*$/, '');
}

/** The attempts with what is now known of one of them; more of them than fit a page are not kept. */
function withAttempt(row: BuildRow, known: AttemptSummary): AttemptSummary[] {
  const before = row.attempts.find(one => one.attempt === known.attempt);
  const others = row.attempts.filter(one => one.attempt !== known.attempt);
  return [...others, { ...before, ...known }].slice(-50);
}
