import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { runInFreshRoot } from './fresh-root.ts';

const isRoot = process.geteuid?.() === 0;

/** The first command sets everything up, the second finds it done, npx finds the commands. */
const FIRST_HOUR = [
  'npm run build',
  'bin/run setup',
  'second=$(bin/run setup 2>&1)',
  'test -z "$second"',
  'npm run lint',
  'npx deb-mock --help | grep -q deb-mock',
].join(' && ');

describe('a bare machine', { skip: isRoot ? false : 'making a bare root needs root' }, () => {
  for (const suite of ['bookworm', 'trixie']) {
    for (const asUser of [false, true]) {
      it(`of ${suite} gets ready for ${asUser ? 'an unprivileged user' : 'root'}`, async () => {
        assert.equal(await runInFreshRoot({ suite, asUser, command: ['sh', '-c', FIRST_HOUR] }), 0);
      });
    }
  }
});
