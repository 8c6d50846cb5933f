import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { eventId, newId, tagId } from './ids.js';
import { isAggregateId } from './subjects.js';

describe('the ids', () => {
  it('of events follow from cause and step, and from nothing else', () => {
    const cause = '0192f0c1-7a3d-7000-8000-00000000c0de';
    assert.equal(eventId(cause, 'BuildStarted'), '87057ae3-01eb-5069-acc4-3a1af8c5ad0d');
    fc.assert(
      fc.property(fc.uuid(), fc.string(), fc.uuid(), fc.string(), (cause, step, otherCause, otherStep) => {
        assert.equal(eventId(cause, step), eventId(cause, step));
        if (cause !== otherCause || step !== otherStep)
          assert.notEqual(eventId(cause, step), eventId(otherCause, otherStep));
      }),
    );
  });

  it('of tags follow from their names', () => {
    assert.equal(tagId('particleos-13'), tagId('particleos-13'));
    assert.notEqual(tagId('particleos-13'), tagId('particleos-14'));
  });

  it('of aggregates may be subject tokens, and sort by time', () => {
    const ids = Array.from({ length: 100 }, newId);
    assert.ok(ids.every(isAggregateId));
    assert.ok(isAggregateId(tagId('particleos-13')));
    assert.deepEqual(ids, [...ids].sort());
    assert.equal(new Set(ids).size, ids.length);
  });
});
