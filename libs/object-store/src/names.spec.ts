import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { InvalidName } from './errors.js';
import { blobKey, blobOfKey, checkName, partOf } from './names.js';

const sha256 = '3a'.repeat(32);

describe('A blob key', () => {
  it('spreads blobs over folders and can be read back', () => {
    assert.equal(blobKey(sha256), `blobs/sha256/3a/${sha256}`);
    assert.equal(blobOfKey(blobKey(sha256)), sha256);
  });

  it('is nothing else', () => {
    for (const key of [
      '',
      sha256,
      `blobs/sha256/3b/${sha256}`,
      `x/blobs/sha256/3a/${sha256}`,
      `blobs/sha256/3a/x`,
    ]) {
      assert.equal(blobOfKey(key), undefined);
    }
  });
});

describe('An object name', () => {
  it('may be any of a repository', () => {
    for (const name of [
      'apt/trixie@42/dists/trixie/InRelease',
      'a',
      'apt/x/by-hash/SHA256/ab',
      'a~b+c:d=e,f%20',
    ]) {
      assert.doesNotThrow(() => checkName(name));
    }
  });

  it('tells what is allowed when it is refused', () => {
    assert.throws(
      () => checkName('../secret'),
      error =>
        error instanceof InvalidName &&
        /^'\.\.\/secret' cannot name an object: use segments of/.test(error.message),
    );
  });
});

describe('A byte range', () => {
  it('that is all of a blob is none', () => {
    assert.equal(partOf({ start: 0 }), undefined);
    assert.deepEqual(partOf({ start: 0, end: 0 }), { start: 0, end: 0 });
  });
});
