import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { UsageError } from './errors.js';
import { parseSource } from './source.js';

describe('parseSource', () => {
  it('reads a name with a version or a suite', () => {
    assert.deepEqual(parseSource('hello'), { kind: 'archive', name: 'hello' });
    assert.deepEqual(parseSource('g++-14=1:14.2.0-19'), {
      kind: 'archive',
      name: 'g++-14',
      version: '1:14.2.0-19',
    });
    assert.deepEqual(parseSource('hello/bookworm'), { kind: 'archive', name: 'hello', suite: 'bookworm' });
    assert.deepEqual(parseSource('hello=2.10-3/bookworm'), {
      kind: 'archive',
      name: 'hello',
      version: '2.10-3',
      suite: 'bookworm',
    });
  });

  it('takes what ends in .dsc for a file', () => {
    assert.deepEqual(parseSource('../x/mine_1.0.dsc'), { kind: 'dsc', path: '../x/mine_1.0.dsc' });
  });

  it('says what to do with all else', () => {
    for (const text of ['Hello', 'h', 'hello=', 'a b', './dir', 'hello=1=2', '--help'])
      assert.throws(() => parseSource(text), UsageError, text);
    assert.throws(() => parseSource('https://example.org/a.dsc'), /fetch it with `dget -d`/);
  });
});
