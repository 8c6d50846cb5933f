import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BUILD_STATES, type BuildState, evolveBuild, isFinal, newBuild } from './build-lifecycle.js';
import { newEvent } from './event-definition.js';
import {
  BuildCancelled,
  type BuildEvent,
  BuildFailed,
  BuildRequested,
  BuildScheduled,
  BuildStarted,
  BuildSucceeded,
  DebProduced,
  type FailureClass,
} from './events/build.js';
import { newId } from './ids.js';

const digest = (of: string) => of.repeat(64).slice(0, 64);
const file = { name: 'hello_2.10-3.dsc', sha256: digest('a'), size: 1 };
const runner = newId();

const requested = newEvent(BuildRequested, {
  source: { kind: 'archive', name: 'hello', suite: 'trixie' },
  suite: 'trixie',
  architecture: 'amd64',
  tag: 'ci',
  timeLimit: 60,
});
const scheduled = newEvent(BuildScheduled, { maxAttempts: 3, reason: 'requested' });
const started = (attempt: number) =>
  newEvent(BuildStarted, {
    attempt,
    runner,
    source: { name: 'hello', version: '2.10-3', files: [file] },
    base: { key: 'trixie', digest: digest('b') },
    inputs: { sha256: digest('c'), size: 1 },
    packages: 1,
  });
const deb = (attempt: number, sha256: string) =>
  newEvent(DebProduced, {
    attempt,
    package: 'hello',
    version: '2.10-3',
    architecture: 'amd64',
    filename: 'hello.deb',
    sha256,
    size: 1,
    control: {},
  });
const succeeded = newEvent(BuildSucceeded, {
  attempt: 1,
  debs: [digest('d')],
  changes: file,
  buildinfo: file,
  log: { sha256: digest('e'), size: 1, lines: 1 },
  seconds: {},
});
const failed = (attempt: number, failure: FailureClass, willRetry = false) =>
  newEvent(BuildFailed, { attempt, class: failure, stage: 'build', message: 'No.', willRetry });
const cancelled = newEvent(BuildCancelled, { reason: 'enough' });

/** The build after some events, each at the next sequence. */
function given(...events: { name: string; data: unknown }[]) {
  return events
    .map((event, i) => ({ ...event, id: `event-${i + 1}`, sequence: i + 1, recordedAt: `at ${i + 1}` }))
    .reduce((build, event) => evolveBuild(build, event as unknown as BuildEvent), newBuild);
}

describe("a build's state", () => {
  const states: readonly [string, BuildState | undefined, Parameters<typeof given>][] = [
    ['nothing', undefined, []],
    ['a request', 'Needs-Build', [requested]],
    ['being scheduled', 'Needs-Build', [requested, scheduled]],
    ['a start', 'Building', [requested, scheduled, started(1)]],
    ['success', 'Built', [requested, scheduled, started(1), deb(1, digest('d')), succeeded]],
    ['a failure of the package', 'Build-Attempted', [requested, scheduled, started(1), failed(1, 'package')]],
    ['a timeout', 'Build-Attempted', [requested, scheduled, started(1), failed(1, 'timeout')]],
    ['unsatisfiable dependencies', 'BD-Uninstallable', [requested, scheduled, failed(1, 'dependencies')]],
    ['a bad source', 'Failed', [requested, scheduled, failed(1, 'source')]],
    ['a lasting outage', 'Failed', [requested, scheduled, started(3), failed(3, 'infrastructure')]],
    ['an outage', 'Given-Back', [requested, scheduled, started(1), failed(1, 'infrastructure', true)]],
    ['a second start', 'Building', [requested, failed(1, 'infrastructure', true), scheduled, started(2)]],
    ['being cancelled', 'Cancelled', [requested, scheduled, started(1), cancelled]],
  ];
  for (const [what, state, events] of states)
    it(`after ${what} is ${state ?? 'none'}`, () => assert.equal(given(...events).state, state));

  it('is every one of the states in some history', () => {
    assert.deepEqual(new Set(states.map(([, state]) => state)), new Set([undefined, ...BUILD_STATES]));
  });

  it('stands once it is final, whatever comes later', () => {
    for (const end of [cancelled, succeeded, failed(1, 'package')]) {
      const before = given(requested, scheduled, started(1), end);
      const after = given(requested, scheduled, started(1), end, started(2), deb(2, digest('f')), succeeded);
      assert.ok(isFinal(before.state));
      assert.deepEqual(after, { ...before, lastSequence: 7 });
    }
  });
});

describe('an attempt', () => {
  it('is known by its number, runner and start', () => {
    const { running, attempt } = given(requested, scheduled, started(1));
    assert.equal(attempt, 1);
    assert.partialDeepStrictEqual(running, { attempt: 1, runner, startedBy: 'event-3', at: 'at 3' });
  });

  it('has the .debs that it recorded, and no other has', () => {
    const first = [requested, scheduled, started(1), deb(1, digest('d'))];
    assert.deepEqual(given(...first).debs, [digest('d')]);
    assert.deepEqual(given(...first, started(2), deb(1, digest('e')), deb(2, digest('f'))).debs, [
      digest('f'),
    ]);
    assert.deepEqual(given(...first, failed(1, 'infrastructure', true)).debs, []);
  });

  it('runs no longer once it has ended', () => {
    for (const end of [succeeded, cancelled, failed(1, 'package'), failed(1, 'infrastructure', true)])
      assert.equal(given(requested, scheduled, started(1), end).running, undefined);
  });

  it('that failed before it started is counted', () => {
    assert.equal(given(requested, scheduled, failed(2, 'infrastructure', true)).attempt, 2);
  });
});
