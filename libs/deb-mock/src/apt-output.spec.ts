import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { buildDepFailure, fetchFailure, lastError } from './apt-output.js';
import { subordinateRange } from './id-map.js';
import { refusalAdvice } from './sandbox.js';
import { answer } from './virt-protocol.js';
import { memoryServes } from './workspace.js';

const mirror = 'http://mirror.example/debian';

describe('apt’s output', () => {
  test('of a file that cannot be fetched', () => {
    const output = `Err:1 ${mirror} trixie/main\n  404  Not Found\nE: Failed to fetch ${mirror}/pool/a.deb  404  Not Found [IP: 192.0.2.1 80]\nE: Unable to fetch some archives`;
    assert.deepEqual(fetchFailure(output), {
      url: `${mirror}/pool/a.deb`,
      reason: '404  Not Found [IP: 192.0.2.1 80]',
    });
    assert.equal(buildDepFailure(output, 'trixie', mirror).class, 'infrastructure');
  });

  for (const [apt, output] of [
    [
      '2.6',
      'The following packages have unmet dependencies:\n builddeps:/tmp/build.dsc : Depends: nothere (>= 2) but it is not installable\nE: Unable to correct problems, you have held broken packages.\n',
    ],
    [
      '3.0',
      'Unsatisfied dependencies:\n builddeps:/tmp/build.dsc : Depends: nothere (>= 2) but it is not installable\nError: Unable to satisfy dependencies.\n',
    ],
  ] as const) {
    test(`of unmet dependencies, apt ${apt}`, () => {
      assert.deepEqual(buildDepFailure(output, 'trixie', mirror), {
        class: 'dependencies',
        stage: 'dependencies',
        message:
          'The build dependencies cannot be satisfied in trixie: Depends: nothere (>= 2) but it is not installable.',
      });
    });
  }

  test('of a full disk is not the package’s fault', () => {
    const output = 'dpkg: error processing archive x.deb: No space left on device\n';
    assert.equal(buildDepFailure(output, 'trixie', mirror).class, 'infrastructure');
  });

  test('of anything else ends with its last error', () => {
    assert.equal(lastError('E: one\nnoise\nE: two.\n'), 'two');
  });
});

describe('the host', () => {
  test('subordinate ids are found by name or id, if there are enough', () => {
    const text = 'other:1:65536\nme:100000:1000\n1001:200000:65536\n';
    assert.equal(subordinateRange(text, 1001, 'me'), 200000);
    assert.equal(subordinateRange(text, 5, 'me'), undefined);
  });

  test('a refusal of user namespaces names the setting', () => {
    const allowed = { apparmor: '0', clone: '1', maximum: '1000' };
    assert.equal(refusalAdvice(allowed), '');
    assert.match(
      refusalAdvice({ ...allowed, apparmor: '1' }),
      /kernel\.apparmor_restrict_unprivileged_userns=0/,
    );
    assert.match(refusalAdvice({ ...allowed, clone: '0' }), /kernel\.unprivileged_userns_clone=1/);
    assert.match(refusalAdvice({ ...allowed, maximum: '0' }), /user\.max_user_namespaces/);
  });

  test('a build is kept in memory where overlayfs can use it and there is enough', () => {
    assert.equal(memoryServes('6.12.1-amd64', 8 * 2 ** 30), true);
    assert.equal(memoryServes('6.1.0-30-amd64', 8 * 2 ** 30), false);
    assert.equal(memoryServes('6.12.1-amd64', 2 ** 30), false);
  });
});

describe('the virtualisation server', () => {
  test('gives the command escaped and separated by commas', () => {
    assert.equal(answer('print-execute-command', ['nsenter', '-a,b c']), 'ok nsenter,-a%2Cb%20c');
  });

  test('has what sbuild asks for', () => {
    assert.match(answer('capabilities', []), /^ok .*root-on-testbed/);
    assert.match(answer('open', []), /^ok ./);
    assert.equal(answer('close', []), 'ok');
    assert.match(answer('reboot', []), /^error /);
  });
});
