import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { connectNats, MINIMUM_SERVER, requireServer, UnsupportedServer } from './connection.js';
import { fetchOldServer } from './testing/old-server.js';
import { testNats } from './testing/servers.js';

describe('connecting', () => {
  it('works with the server that set-up has found', async () => {
    const server = await testNats();
    try {
      const connection = await connectNats({ url: server.url }, 'test');
      await connection.close();
    } finally {
      await server.stop();
    }
  });

  it("is refused by a real older server, Debian 12's 2.9.10, in a sentence that says how to get a newer one", async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tumbi-old-nats-'));
    try {
      const server = await testNats({ binary: await fetchOldServer(folder) });
      try {
        assert.equal(server.version, '2.9.10');
        await assert.rejects(connectNats({ url: server.url }, 'test'), (error: Error) => {
          assert.ok(error instanceof UnsupportedServer);
          assert.equal(
            error.message,
            `The nats-server at ${server.url} is 2.9.10; Tumbi needs 2.12.0 or newer, since older ones ignore the expected sequence that keeps the history consistent. ` +
              'Debian forky and sid have one (apt install -t sid nats-server), `npm start` fetches it by itself, and deploy/compose.yml runs it as a container.',
          );
          return true;
        });
      } finally {
        await server.stop();
      }
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('tells older versions from newer ones by their numbers', () => {
    const url = 'nats://127.0.0.1:4222';
    for (const version of [MINIMUM_SERVER, '2.12.1', '2.15.1', '3.0', '2.100.0', '2.12.0-RC.1'])
      requireServer(version, url);
    for (const version of ['2.11.99', '2.9.10', '1.99.0', '2', 'unknown', ''])
      assert.throws(() => requireServer(version, url), UnsupportedServer);
  });

  it('fails when nobody listens', async () => {
    await assert.rejects(connectNats({ url: 'nats://127.0.0.1:1' }, 'test'), /refused/);
  });
});
