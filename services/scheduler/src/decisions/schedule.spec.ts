import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { BuildEvent, BuildLifecycle } from '@tumbi/contracts';
import { history, type Told } from '@tumbi/contracts/testing';
import { retryDelay } from './backoff.js';
import { type ScheduleCommand, schedule } from './schedule.js';

const requested = { name: 'BuildRequested', data: {} };
const scheduled = { name: 'BuildScheduled', data: { maxAttempts: 3, reason: 'requested' } };
const started = (attempt: number) => ({ name: 'BuildStarted', data: { attempt, runner: 'r' } });
const failed = (attempt: number, willRetry: boolean, failure = 'infrastructure') => ({
  name: 'BuildFailed',
  data: { attempt, willRetry, class: failure },
});
const cancelled = { name: 'BuildCancelled', data: { reason: 'enough' } };

function given(...events: Told[]): BuildLifecycle {
  return history<BuildEvent>(...events).reduce(schedule.evolve, schedule.initial);
}

function then(state: BuildLifecycle, command: ScheduleCommand): string[] {
  return schedule.decide(state, command).map(event => event.name);
}

const ask: ScheduleCommand = { kind: 'schedule', maxAttempts: 3 };
const retry = (afterAttempt: number): ScheduleCommand => ({ kind: 'retry', afterAttempt, maxAttempts: 3 });

describe('scheduling a build', () => {
  it('schedules what was requested', () => assert.deepEqual(then(given(requested), ask), ['BuildScheduled']));

  it('schedules once', () => assert.deepEqual(then(given(requested, scheduled), ask), []));

  it('leaves a cancelled build alone', () => assert.deepEqual(then(given(requested, cancelled), ask), []));

  it('schedules again what was given back', () =>
    assert.deepEqual(then(given(requested, scheduled, started(1), failed(1, true)), retry(1)), [
      'BuildScheduled',
    ]));

  it('does not retry what was retried already', () =>
    assert.deepEqual(
      then(given(requested, scheduled, started(1), failed(1, true), scheduled), retry(1)),
      [],
    ));

  it('does not retry an attempt that is not the last', () =>
    assert.deepEqual(
      then(
        given(requested, scheduled, started(1), failed(1, true), scheduled, started(2), failed(2, true)),
        retry(1),
      ),
      [],
    ));

  it("does not retry the package's own failure", () =>
    assert.deepEqual(
      then(given(requested, scheduled, started(1), failed(1, false, 'package')), retry(1)),
      [],
    ));

  it('ends an attempt whose time is up', () => {
    const [event] = schedule.decide(given(requested, scheduled, started(1)), {
      kind: 'expire',
      attempt: 1,
      limit: 60,
    });
    assert.equal(event?.name, 'BuildFailed');
    assert.match(JSON.stringify(event?.data), /within its 60 seconds/);
  });

  it('leaves a later attempt alone when the first one expires', () =>
    assert.deepEqual(
      then(given(requested, scheduled, started(1), started(2)), { kind: 'expire', attempt: 1, limit: 60 }),
      [],
    ));
});

describe('the delay before another attempt', () => {
  it('doubles up to half an hour', () => {
    assert.deepEqual(
      [1, 2, 3].map(attempt => retryDelay(attempt, 1_000)),
      [1_000, 2_000, 4_000],
    );
    assert.equal(retryDelay(40, 1_000), 30 * 60_000);
  });
});
