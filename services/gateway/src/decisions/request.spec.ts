import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { BuildEvent } from '@tumbi/contracts';
import { history, type Told } from '@tumbi/contracts/testing';
import { Refused } from '@tumbi/event-log';
import { type RequestCommand, request } from './request.js';

const wanted = {
  source: { kind: 'archive' as const, name: 'hello', suite: 'trixie' },
  suite: 'trixie',
  architecture: 'amd64',
  tag: 'trixie',
  timeLimit: 60,
};
const requested = { name: 'BuildRequested', data: wanted };
const failed = { name: 'BuildFailed', data: { attempt: 1, willRetry: false, class: 'package' } };
const cancelled = { name: 'BuildCancelled', data: { reason: '' } };

function names(command: RequestCommand, ...given: Told[]): string[] {
  const state = history<BuildEvent>(...given).reduce(request.evolve, request.initial);
  return request.decide(state, command).map(event => event.name);
}

const ask: RequestCommand = { kind: 'request', request: wanted };
const cancel: RequestCommand = { kind: 'cancel', reason: '' };

describe('asking for a build', () => {
  it('requests it', () => assert.deepEqual(names(ask), ['BuildRequested']));
  it('requests it once, however often it is asked', () => assert.deepEqual(names(ask, requested), []));
  it('refuses another build under the same id', () => {
    const other: RequestCommand = { kind: 'request', request: { ...wanted, tag: 'other' } };
    assert.throws(() => names(other, requested), Refused);
  });
});

describe('cancelling a build', () => {
  it('cancels what has not ended', () => assert.deepEqual(names(cancel, requested), ['BuildCancelled']));
  it('cancels once', () => assert.deepEqual(names(cancel, requested, cancelled), []));
  it('refuses when it has ended, and says how', () =>
    assert.throws(() => names(cancel, requested, failed), /has ended already \(Build-Attempted\)/));
});
