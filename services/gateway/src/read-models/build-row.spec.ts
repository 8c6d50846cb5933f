import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { BuildEvent } from '@tumbi/contracts';
import { history, type Told } from '@tumbi/contracts/testing';
import { evolveBuildRow } from './build-row.js';
import type { BuildRow } from './hub.entities.js';

const source = { kind: 'archive', name: 'hello', suite: 'trixie' };
const requested = {
  name: 'BuildRequested',
  data: { source, suite: 'trixie', architecture: 'amd64', tag: 't', timeLimit: 9 },
};
const scheduled = { name: 'BuildScheduled', data: { maxAttempts: 3, reason: 'requested' } };
const started = (attempt: number) => ({
  name: 'BuildStarted',
  data: {
    attempt,
    runner: `runner-${attempt}`,
    source: { name: 'hello', version: '2.10-3' },
    inputs: { sha256: 'i', size: 1 },
  },
});
const failed = (attempt: number, willRetry: boolean) => ({
  name: 'BuildFailed',
  data: { attempt, willRetry, class: 'infrastructure', stage: 'build', message: `failed ${attempt}` },
});
const succeeded = (attempt: number) => ({
  name: 'BuildSucceeded',
  data: {
    attempt,
    debs: [],
    changes: {},
    buildinfo: {},
    seconds: { build: 2 },
    log: { sha256: 'l', size: 1, lines: 1 },
  },
});
const cancelled = { name: 'BuildCancelled', data: { reason: '' } };

function after(...events: Told[]): BuildRow {
  const row = history<BuildEvent>(...events).reduce<BuildRow | undefined>(evolveBuildRow, undefined);
  assert.ok(row);
  return row;
}

describe("a build's row", () => {
  it('tells of a retried build each attempt with its runner, reason and end', () => {
    const row = after(requested, scheduled, started(1), failed(1, true), scheduled, started(2), succeeded(2));
    assert.equal(row.state, 'Built');
    assert.deepEqual(
      row.attempts.map(({ attempt, runner, outcome, message }) => ({ attempt, runner, outcome, message })),
      [
        { attempt: 1, runner: 'runner-1', outcome: 'infrastructure', message: 'failed 1' },
        { attempt: 2, runner: 'runner-2', outcome: 'succeeded', message: undefined },
      ],
    );
    assert.equal(row.finishedAt, '2026-01-01T00:00:06.000Z');
    assert.equal(row.version, '2.10-3');
  });

  it('has not ended while another attempt follows', () => {
    const row = after(requested, scheduled, started(1), failed(1, true));
    assert.deepEqual([row.state, row.finishedAt], ['Given-Back', null]);
  });

  it('tells of a failure before the build began', () => {
    const row = after(requested, scheduled, failed(1, false));
    assert.equal(row.state, 'Failed');
    assert.deepEqual(
      row.attempts.map(attempt => attempt.message),
      ['failed 1'],
    );
  });

  it('stays cancelled, whatever a runner says afterwards', () => {
    const row = after(requested, scheduled, started(1), cancelled, succeeded(1));
    assert.deepEqual([row.state, row.changes], ['Cancelled', null]);
  });
});
