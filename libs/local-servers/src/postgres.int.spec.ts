import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';
import { startPostgres } from './postgres.js';
import { runs, scratchFolder } from './testing/scratch.js';

describe('startPostgres', () => {
  it('keeps its data and password over kills, restarts and new starts', async t => {
    const dir = await scratchFolder(t);
    const server = await startPostgres({ dir, port: 0 });
    const { port, password } = server;
    const url = await server.createDatabase('kept');
    await query(url, 'CREATE TABLE t (n int); INSERT INTO t VALUES (1)');
    await server.kill();
    await server.restart();
    assert.equal(server.port, port);
    await query(url, 'INSERT INTO t VALUES (2)');
    await server.stop();

    await using again = await startPostgres({ dir, port: 0 });
    assert.equal(again.password, password);
    assert.equal(await again.createDatabase('kept'), again.url('kept'));
    assert.equal(await query(again.url('kept'), 'SELECT sum(n) FROM t'), '3');
  });

  it('asks for its password, which nobody else can read', async t => {
    const dir = await scratchFolder(t);
    await using server = await startPostgres({ dir, port: 0, fsync: false });
    const wrong = server.url().replace(server.password, 'wrong');
    await assert.rejects(query(wrong, 'SELECT 1'), /password authentication failed/);
    assert.equal((await stat(join(dir, 'password'))).mode & 0o777, 0o600);
  });

  it('syncs to the disk unless told otherwise', async t => {
    const [safe, quick] = [await scratchFolder(t), await scratchFolder(t)];
    await using first = await startPostgres({ dir: safe });
    await using second = await startPostgres({ dir: quick, fsync: false });
    assert.notEqual(first.port, second.port);
    assert.equal(await query(first.url(), 'SHOW fsync'), 'on');
    assert.equal(await query(second.url(), 'SHOW fsync'), 'off');
  });

  it('leaves no process when it is stopped', async t => {
    const server = await startPostgres({ dir: await scratchFolder(t), port: 0, fsync: false });
    const backend = Number(
      await query(server.url(), 'SELECT pid FROM pg_stat_activity WHERE backend_type LIKE $$check%$$'),
    );
    assert.equal(await runs(backend), true);
    await server.stop();
    assert.equal(await runs(server.pid), false);
    assert.equal(await runs(backend), false);
  });

  it('refuses what is not a database name', async t => {
    await using server = await startPostgres({ dir: await scratchFolder(t), port: 0, fsync: false });
    await assert.rejects(server.createDatabase('x"; DROP'), /is not a database name/);
  });
});

async function query(url: string, sql: string): Promise<string> {
  const { stdout } = await promisify(execFile)('psql', ['-X', '-A', '-t', '-c', sql, url]);
  return stdout.trim();
}
