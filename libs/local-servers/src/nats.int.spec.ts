import assert from 'node:assert/strict';
import { stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { startNats } from './nats.js';
import { runs, scratchFolder } from './testing/scratch.js';

describe('startNats', () => {
  it('keeps what a stream holds over a kill and a restart, on the same port', async t => {
    const dir = await scratchFolder(t);
    await using server = await startNats({ dir, port: 0 });
    const { port, pid } = server;
    await publish(server.url, 'one');
    await server.kill();
    await server.restart();
    assert.equal(server.port, port);
    assert.notEqual(server.pid, pid);
    assert.equal(await publish(server.url, 'two'), 2);
  });

  it('lets users do what their permissions say, and nobody in without a password', async t => {
    const dir = await scratchFolder(t);
    const users = [
      { name: 'all', password: 'one "quoted" $secret' },
      { name: 'few', password: 'two', permissions: { publish: { allow: ['allowed.>'] } } },
    ];
    await using server = await startNats({ dir, port: 0, users });
    await assert.rejects(connect({ servers: server.url }), /authorization/i);
    const all = await connect({ servers: server.url, user: 'all', pass: 'one "quoted" $secret' });
    await all.close();
    const few = await connect({ servers: server.url, user: 'few', pass: 'two' });
    await assert.rejects(few.request('forbidden', '', { timeout: 2_000 }), /permission/i);
    await few.close();
    assert.equal((await stat(join(dir, 'nats.conf'))).mode & 0o777, 0o600);
  });

  it('takes a free port when the preferred one is taken', async t => {
    const blocker = createServer();
    await new Promise<void>(resolve => blocker.listen(0, '127.0.0.1', resolve));
    t.after(() => blocker.close());
    const address = blocker.address();
    const taken = typeof address === 'object' && address !== null ? address.port : 0;
    await using server = await startNats({ dir: await scratchFolder(t), port: taken });
    assert.notEqual(server.port, taken);
    assert.equal(await publish(server.url, 'one'), 1);
  });

  it('runs two at once, and refuses two in one folder', async t => {
    const [left, right] = [await scratchFolder(t), await scratchFolder(t)];
    await using first = await startNats({ dir: left });
    await using second = await startNats({ dir: right });
    assert.notEqual(first.port, second.port);
    await assert.rejects(
      startNats({ dir: left }),
      /is in use by process \d+: stop it, or choose another folder/,
    );
    assert.equal(await publish(first.url, 'still here'), 1);
  });

  it('leaves no process when it is stopped, and can be stopped twice', async t => {
    const server = await startNats({ dir: await scratchFolder(t), port: 0 });
    const { pid } = server;
    await server.stop();
    await server.stop();
    assert.equal(await runs(pid), false);
  });

  it('says what the server said when it refuses its configuration', async t => {
    const dir = await scratchFolder(t);
    await assert.rejects(
      startNats({ dir, config: { jetstream: { nonsense: 1 } } }),
      /nats-server did not start: .*nonsense/,
    );
  });
});

/** Publishes to a stream that is made when missing; gives the message's sequence. */
async function publish(url: string, text: string): Promise<number> {
  const connection = await connect({ servers: url });
  try {
    const manager = await jetstreamManager(connection);
    await manager.streams.add({ name: 'KEPT', subjects: ['kept'] });
    return (await jetstream(connection).publish('kept', text)).seq;
  } finally {
    await connection.close();
  }
}
