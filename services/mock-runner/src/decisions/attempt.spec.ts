import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { BuildEvent } from '@tumbi/contracts';
import { history, type Told } from '@tumbi/contracts/testing';
import { foldBuild, take } from './attempt.js';

const requested = { name: 'BuildRequested', data: {} };
const scheduled = (id: string, maxAttempts = 3) => ({
  name: 'BuildScheduled',
  id,
  data: { maxAttempts, reason: 'requested' },
});
const started = (attempt: number, scheduledBy: string) => ({
  name: 'BuildStarted',
  causationId: scheduledBy,
  data: { attempt, runner: 'r' },
});
const failed = (attempt: number, willRetry: boolean) => ({
  name: 'BuildFailed',
  data: { attempt, willRetry, class: 'infrastructure' },
});

/** What to do about a BuildScheduled that is handed out after this history. */
function handed(id: string, ...events: Told[]) {
  return take(foldBuild(history<BuildEvent>(...events)), id);
}

describe('a runner that is handed a build', () => {
  it('builds it', () =>
    assert.deepEqual(handed('a', requested, scheduled('a')), {
      kind: 'build',
      attempt: 1,
      lastAttempt: false,
    }));

  it('knows its last attempt', () =>
    assert.deepEqual(handed('a', requested, scheduled('a', 1)), {
      kind: 'build',
      attempt: 1,
      lastAttempt: true,
    }));

  it('replaces an attempt whose runner was lost', () =>
    assert.deepEqual(handed('a', requested, scheduled('a'), started(1, 'a')), {
      kind: 'build',
      attempt: 2,
      lastAttempt: false,
    }));

  it('gives up when every attempt has lost its runner', () =>
    assert.deepEqual(handed('a', requested, scheduled('a', 2), started(1, 'a'), started(2, 'a')), {
      kind: 'give-up',
      attempt: 2,
    }));

  it('builds again what was given back', () =>
    assert.deepEqual(
      handed('b', requested, scheduled('a'), started(1, 'a'), failed(1, true), scheduled('b')),
      {
        kind: 'build',
        attempt: 2,
        lastAttempt: false,
      },
    ));

  it('leaves an old BuildScheduled that a later attempt has answered', () => {
    const later = [requested, scheduled('a'), started(1, 'a'), failed(1, true), scheduled('b')];
    assert.deepEqual(handed('a', ...later), { kind: 'leave' });
    assert.deepEqual(handed('a', ...later, started(2, 'b')), { kind: 'leave' });
  });

  it('leaves what has ended', () => {
    const cancelled = { name: 'BuildCancelled', data: { reason: '' } };
    assert.deepEqual(handed('a', requested, scheduled('a'), cancelled), { kind: 'leave' });
    assert.deepEqual(handed('a', requested, scheduled('a'), started(1, 'a'), failed(1, false)), {
      kind: 'leave',
    });
  });
});
