import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { differences, formatSpread, interleave, ratios, spread } from './measure.ts';

describe('spread', () => {
  it('takes the middle of an odd number of values, whatever their order', () =>
    assert.deepEqual(spread([10, 9, 100]), { median: 10, min: 9, max: 100 }));
  it('takes the mean of the two in the middle of an even number', () =>
    assert.deepEqual(spread([4, 1, 3, 2]), { median: 2.5, min: 1, max: 4 }));
  it('leaves the values as they are', () => {
    const values = [3, 1, 2];
    spread(values);
    assert.deepEqual(values, [3, 1, 2]);
  });
  it('has nothing to say of no values', () => assert.throws(() => spread([]), RangeError));
  it('is told as median, least and greatest', () =>
    assert.equal(formatSpread({ median: 1234.56, min: 1, max: 2 }, 1), '1,234.6 (1.0–2.0)'));
});

describe('ratios and differences', () => {
  it('pair values with the floor of their own round', () => {
    assert.deepEqual(ratios([2, 9], [1, 3]), [2, 3]);
    assert.deepEqual(differences([2, 9], [1, 3]), [1, 6]);
  });
  it('refuse rounds that have no partner', () => {
    assert.throws(() => ratios([1, 2], [1]), RangeError);
    assert.throws(() => ratios([1], [1, 2]), RangeError);
  });
});

describe('interleave', () => {
  it('turns the order round every time, and does not count the warming up', async () => {
    const order: string[] = [];
    const say = (name: string) => async () => order.push(name);
    const measured = await interleave({ a: say('a'), b: say('b') }, { warmUp: 1, counted: 2 });
    assert.equal(order.join(''), 'baabba');
    assert.deepEqual(measured, { a: [3, 6], b: [4, 5] });
  });
});
