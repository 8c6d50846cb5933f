import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { UsageError } from './errors.js';
import { formatAge, formatDuration, formatSize, parseDuration, secondsBetween } from './format.js';

describe('parseDuration', () => {
  it('reads what people write', () => {
    const cases = {
      '45s': 45,
      '90m': 5_400,
      '2h': 7_200,
      '1h30m': 5_400,
      '1h 30min': 5_400,
      '1.5h': 5_400,
      '1d': 86_400,
    };
    for (const [text, seconds] of Object.entries(cases)) assert.equal(parseDuration(text), seconds, text);
  });

  it('refuses all else', () => {
    for (const text of ['', '90', 'soon', '2 hours', '-1h', '0s', '1h x', '0.1s'])
      assert.throws(() => parseDuration(text), UsageError, text);
  });
});

describe('formatDuration', () => {
  it('gives two units at most', () => {
    const cases = [
      [0, '0 s'],
      [0.42, '0.4 s'],
      [9.96, '10 s'],
      [59.6, '1 min'],
      [65, '1 min 5 s'],
      [3_600, '1 h'],
      [7_384, '2 h 3 min'],
      [90_061, '1 d 1 h'],
    ] as const;
    for (const [seconds, text] of cases) assert.equal(formatDuration(seconds), text);
  });
});

describe('formatAge', () => {
  const now = Date.parse('2026-11-21T12:00:00Z');
  it('tells how long ago, and after a week the day', () => {
    const cases = {
      '2026-11-21T11:59:48Z': '12 s ago',
      '2026-11-21T11:00:01Z': '59 min ago',
      '2026-11-20T13:00:00Z': '23 h ago',
      '2026-11-18T12:00:00Z': '3 d ago',
      '2026-11-14T12:00:00Z': '2026-11-14',
      '2026-11-21T12:00:05Z': '0 s ago',
    };
    for (const [time, text] of Object.entries(cases)) assert.equal(formatAge(time, now), text);
  });
});

describe('formatSize', () => {
  it('counts in thousands', () => {
    const cases = {
      0: '0 B',
      999: '999 B',
      1000: '1.0 kB',
      53084: '53.1 kB',
      123456: '123 kB',
      5e9: '5.0 GB',
    };
    for (const [bytes, text] of Object.entries(cases)) assert.equal(formatSize(Number(bytes)), text);
  });
});

describe('secondsBetween', () => {
  it('counts up to now when there is no end, and not at all without a start', () => {
    const now = Date.parse('2026-11-21T12:00:10Z');
    assert.equal(secondsBetween('2026-11-21T12:00:00Z', '2026-11-21T12:00:04Z', now), 4);
    assert.equal(secondsBetween('2026-11-21T12:00:00Z', null, now), 10);
    assert.equal(secondsBetween(null, null, now), undefined);
  });
});
