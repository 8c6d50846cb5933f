import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { idBeginning, shortIds } from './build-id.js';
import { UsageError } from './errors.js';

const ID = '01a1fd13-beba-74ec-89c4-97a401bc2bad';

describe('idBeginning', () => {
  it('puts the dashes where they belong', () => {
    for (let length = 4; length <= 36; length++) {
      const beginning = ID.slice(0, length).replace(/-$/, '');
      assert.equal(idBeginning(beginning), beginning);
      assert.equal(idBeginning(beginning.replaceAll('-', '').toUpperCase()), beginning);
    }
  });

  it('refuses what begins no id', () => {
    for (const text of ['', '01a', 'hello', `${ID}0`, '../01a1fd13', 'latest'])
      assert.throws(() => idBeginning(text), UsageError, text);
  });
});

describe('shortIds', () => {
  it('shows the time of the builds', () => {
    assert.deepEqual(shortIds([{ id: ID }, { id: '01a1fd22-a1a6-7235-9a19-5c08404c7923' }]), [
      '01a1fd13-beba',
      '01a1fd22-a1a6',
    ]);
    assert.deepEqual(shortIds([]), []);
  });

  it('shows more where builds of one millisecond have to be told apart', () => {
    assert.deepEqual(shortIds([{ id: ID }, { id: '01a1fd13-beba-7bcd-89c4-97a401bc2bad' }]), [
      '01a1fd13-beba-74',
      '01a1fd13-beba-7b',
    ]);
  });
});
