import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { BuildLog } from './build-log.js';

describe('BuildLog', () => {
  let directory: string;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'build-log-'));
  });
  after(() => rm(directory, { recursive: true }));

  test('keeps every byte of pieces that come in any size, and gives whole lines', async () => {
    const file = join(directory, 'pieces');
    const seen: string[] = [];
    const log = await BuildLog.create(file, 1 << 20, lines => seen.push(lines));
    for (const piece of ['on', 'e', '\n', 'tw', 'o\nthr', 'ee']) {
      await log.append(Buffer.from(piece));
      await setImmediate();
    }
    assert.equal(await log.end(), 'one\ntwo\n');
    await log.close();
    assert.equal(await readFile(file, 'utf8'), 'one\ntwo\nthree\n');
    assert.equal(seen.join(''), 'one\ntwo\nthree\n');
    assert.ok(seen.every(lines => lines.endsWith('\n')));
    assert.deepEqual([log.size, log.lines], [14, 3]);
  });

  test('leaves out what is too much, says so, and ends with the end', async () => {
    const file = join(directory, 'long');
    const log = await BuildLog.create(file, 1000);
    for (let line = 0; line < 50_000; line++) await log.append(Buffer.from(`line ${line}\n`));
    await log.close();
    const text = await readFile(file, 'utf8');
    assert.match(text, /^deb-mock: the log is longer than 1000 bytes; \d+ bytes are left out here/m);
    assert.ok(text.endsWith('line 49999\n'));
    assert.ok(text.length < 70_000);
  });

  test('breaks a line that never ends', async () => {
    const file = join(directory, 'endless');
    const log = await BuildLog.create(file, 1 << 20);
    for (let piece = 0; piece < 10; piece++) {
      await log.append(Buffer.alloc(50_000, 'x'));
      await setImmediate();
    }
    await log.close();
    const lines = (await readFile(file, 'utf8')).split('\n');
    assert.ok(lines.every(line => line.length <= 600_000) && lines.length > 2);
    assert.equal(lines.join('').length, 500_000);
  });
});
