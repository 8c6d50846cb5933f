import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { failureExitCode } from './exit-codes.js';
import { parseSummary, sbuildFailure } from './sbuild-result.js';

function summary(lines: string): string {
  return `… the build's own output …\n+---+\n| Summary      |\n+---+\n\nBuild-Time: 1\n${lines}Space: 12\n`;
}

describe('parseSummary', () => {
  test('reads the status and the stage', () => {
    assert.deepEqual(parseSummary(summary('Status: attempted\nFail-Stage: build\n')), {
      status: 'attempted',
      failStage: 'build',
    });
  });

  test('believes only the last summary', () => {
    const log = summary('Status: successful\n') + summary('Status: attempted\nFail-Stage: build\n');
    assert.equal(parseSummary(log).status, 'attempted');
  });

  test('finds nothing in a log without one', () => {
    assert.deepEqual(parseSummary('Status: successful\n'), {});
  });
});

describe('sbuildFailure', () => {
  for (const [code, status, failStage, expected] of [
    [2, 'attempted', 'build', 'package'],
    [0, 'skipped', 'arch-check', 'package'],
    [2, 'attempted', 'arch-check', 'package'],
    [3, 'given-back', 'fetch-src', 'source'],
    [3, 'given-back', 'unpack', 'source'],
    [3, 'given-back', 'install-deps', 'dependencies'],
    [3, 'given-back', 'check-space', 'infrastructure'],
    [1, 'failed', 'create-session', 'infrastructure'],
    [1, undefined, undefined, 'infrastructure'],
    [null, 'successful', undefined, 'infrastructure'],
    [0, undefined, undefined, 'infrastructure'],
  ] as const) {
    test(`exit status ${code}, ${status}, ${failStage} is of class ${expected}`, () => {
      assert.equal(sbuildFailure(code, { status, failStage }, 'hello 1')?.class, expected);
    });
  }

  test('is nothing after a success', () => {
    assert.equal(sbuildFailure(0, { status: 'successful' }, 'hello 1'), undefined);
  });
});

test('exit codes are those of Mock', () => {
  const code = (failureClass: 'package' | 'dependencies' | 'source' | 'timeout' | 'infrastructure') =>
    failureExitCode({ class: failureClass, stage: 'build', message: '' });
  assert.deepEqual(
    [code('package'), code('timeout'), code('infrastructure'), code('dependencies'), code('source')],
    [10, 11, 20, 30, 40],
  );
  assert.equal(failureExitCode({ class: 'infrastructure', stage: 'locked', message: '' }), 60);
});
