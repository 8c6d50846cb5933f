import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { type JetStreamManager, jetstream, jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { BUILD_OUTPUT_STREAM, DEAD_LETTER_STREAM, LOG_STREAM } from '@tumbi/contracts';
import type { NatsServer } from '@tumbi/local-servers';
import { connectNats } from './connection.js';
import { ensureStreams } from './streams.js';
import { testNats } from './testing/servers.js';

describe('the streams', () => {
  let server: NatsServer;
  let connection: NatsConnection;
  let manager: JetStreamManager;

  before(async () => {
    server = await testNats();
    connection = await connectNats({ url: server.url }, 'test');
    manager = await jetstreamManager(connection);
  });
  after(async () => {
    await connection.close();
    await server.stop();
  });
  beforeEach(async () => {
    for await (const { config } of manager.streams.list()) await manager.streams.delete(config.name);
  });

  for (const name of [LOG_STREAM, DEAD_LETTER_STREAM])
    it(`${name} forgets nothing`, async () => {
      await ensureStreams(connection);
      const { config } = await manager.streams.info(name);
      assert.partialDeepStrictEqual(config, {
        retention: 'limits',
        storage: 'file',
        discard: 'new',
        max_age: 0,
        max_msgs: -1,
        max_bytes: -1,
        max_msgs_per_subject: -1,
        deny_delete: true,
        deny_purge: true,
        allow_rollup_hdrs: false,
        duplicate_window: 120_000_000_000,
      });
    });

  it(`${LOG_STREAM} refuses to delete, to purge, and to be told to allow it`, async () => {
    await ensureStreams(connection);
    await jetstream(connection).publish(`tumbi.log.build.x.y.v1`, 'kept');
    await assert.rejects(manager.streams.deleteMessage(LOG_STREAM, 1), /message delete not permitted/);
    await assert.rejects(manager.streams.purge(LOG_STREAM), /stream purge not permitted/);
    await assert.rejects(
      connection
        .request(
          `$JS.API.STREAM.UPDATE.${LOG_STREAM}`,
          JSON.stringify({ ...(await manager.streams.info(LOG_STREAM)).config, deny_purge: false }),
        )
        .then(answer => {
          const { error } = answer.json<{ error?: { description: string } }>();
          throw new Error(error?.description ?? 'it was allowed');
        }),
      /can not cancel deny purge/,
    );
    assert.equal((await manager.streams.info(LOG_STREAM)).state.messages, 1);
  });

  it(`${LOG_STREAM} takes no message that is larger than an event may be`, async () => {
    await ensureStreams(connection);
    await assert.rejects(
      jetstream(connection).publish('tumbi.log.build.x.y.v1', 'x'.repeat(64 * 1024 + 1)),
      /message size exceeds maximum allowed/,
    );
  });

  it(`${BUILD_OUTPUT_STREAM} is kept for a week and a gigabyte`, async () => {
    await ensureStreams(connection);
    assert.partialDeepStrictEqual((await manager.streams.info(BUILD_OUTPUT_STREAM)).config, {
      discard: 'old',
      max_age: 7 * 24 * 3600 * 1e9,
      max_bytes: 2 ** 30,
    });
  });

  it('stay as they are when they are there', async () => {
    await ensureStreams(connection);
    await jetstream(connection).publish('tumbi.log.build.x.y.v1', 'kept');
    await ensureStreams(connection);
    assert.equal((await manager.streams.info(LOG_STREAM)).state.messages, 1);
  });

  /** The server may still be removing the files of the stream that was deleted before. */
  async function addStream(stream: Parameters<typeof manager.streams.add>[0]) {
    for (let tries = 1; ; tries++) {
      try {
        return await manager.streams.add(stream);
      } catch (error) {
        if (tries === 40 || !String(error).includes('error creating store')) throw error;
        await setTimeout(50);
      }
    }
  }

  const forgetful = [
    { max_age: 60e9, said: /has max_age 60000000000 where 0 is needed/ },
    { deny_delete: false, said: /has deny_delete false where true is needed/ },
    { deny_purge: false, said: /has deny_purge false where true is needed/ },
    { discard: 'old' as const, said: /has discard old where new is needed/ },
    { retention: 'workqueue' as const, said: /has retention workqueue where limits is needed/ },
    { max_msgs: 5, said: /has max_msgs 5 where -1 is needed/ },
    { max_msgs_per_subject: 1, said: /has max_msgs_per_subject 1 where -1 is needed/ },
    { storage: 'memory' as const, said: /has storage memory where file is needed/ },
    { allow_rollup_hdrs: true, deny_purge: false, said: /(deny_purge false|allow_rollup_hdrs true)/ },
    {
      subjects: ['tumbi.log.build.>'],
      said: /has subjects tumbi\.log\.build\.> where tumbi\.log\.> is needed/,
    },
  ];
  for (const { said, ...settings } of forgetful)
    it(`are refused when the one found has ${JSON.stringify(settings)}`, async () => {
      await addStream({
        name: LOG_STREAM,
        subjects: ['tumbi.log.>'],
        discard: 'new' as const,
        deny_delete: true,
        deny_purge: true,
        allow_direct: true,
        allow_atomic: true,
        ...settings,
      });
      await assert.rejects(ensureStreams(connection), (error: Error) => {
        assert.match(error.message, said);
        assert.match(error.message, /^The stream TUMBI_LOG .* was made by something else; move it away/);
        return true;
      });
    });
});
