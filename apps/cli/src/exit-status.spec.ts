import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ApiError, type Build, InvalidAddress, Unreachable } from '@tumbi/api-client';
import { CommandError, UsageError } from './errors.js';
import { EXIT, EXIT_MEANINGS, exitStatusOf, exitStatusOfError } from './exit-status.js';

describe('the exit status', () => {
  it('tells how a build ended', () => {
    const ended = (state: Build['state'], outcome?: Build['attempts'][number]['outcome']) =>
      exitStatusOf({
        state,
        attempts: outcome
          ? [
              { attempt: 1, outcome: 'package' },
              { attempt: 2, outcome },
            ]
          : [],
      });
    assert.equal(ended('Installed', 'succeeded'), 0);
    assert.equal(ended('Build-Attempted', 'package'), 10);
    assert.equal(ended('Build-Attempted', 'timeout'), 11);
    assert.equal(ended('Failed', 'infrastructure'), 20);
    assert.equal(ended('BD-Uninstallable', 'dependencies'), 30);
    assert.equal(ended('Failed', 'source'), 40);
    assert.equal(ended('Cancelled', 'package'), 1);
    assert.equal(ended('Failed'), 1);
  });

  it('tells what kind of error ended a command', () => {
    assert.equal(exitStatusOfError(new UsageError('')), 5);
    assert.equal(exitStatusOfError(new InvalidAddress('')), 5);
    assert.equal(exitStatusOfError(new Unreachable('')), 3);
    assert.equal(exitStatusOfError(new ApiError(404, '')), 1);
    assert.equal(exitStatusOfError(new CommandError('', 40)), 40);
    assert.equal(exitStatusOfError('odd'), 1);
  });

  it('is explained, each of them', () => {
    assert.deepEqual(
      EXIT_MEANINGS.map(([status]) => status),
      Object.values(EXIT).sort((a, b) => a - b),
    );
  });
});
