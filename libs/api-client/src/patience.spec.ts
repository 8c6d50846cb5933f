import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { nextDelay, Patience } from './patience.js';

describe('nextDelay', () => {
  it('doubles up to a limit', () => {
    const delays = [0, 1, 2, 3, 4, 5, 20].map(tries => nextDelay(tries, 1));
    assert.deepEqual(delays, [250, 500, 1_000, 2_000, 4_000, 5_000, 5_000]);
  });

  it('is between half and all of it by chance', () => {
    assert.equal(nextDelay(2, 0), 500);
    assert.equal(nextDelay(2, 1), 1_000);
  });
});

describe('Patience', () => {
  it('ends when all of it has been waited, and comes back with a success', async () => {
    const patience = new Patience(10);
    assert.equal(patience.exhausted, false);
    await patience.wait(undefined);
    assert.equal(patience.exhausted, true);
    patience.renew();
    assert.equal(patience.exhausted, false);
  });

  it('stops waiting when it is told to', async () => {
    const patience = new Patience(600_000);
    await assert.rejects(patience.wait(AbortSignal.abort(), 600_000), { name: 'AbortError' });
  });
});
