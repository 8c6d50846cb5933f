import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import {
  BUILD_OUTPUT_STREAM,
  BuildRequested,
  DEAD_LETTER_STREAM,
  LOG_STREAM,
  newId,
  PRODUCERS,
  type Producer,
} from '@tumbi/contracts';
import type { NatsServer } from '@tumbi/local-servers';
import { OutputWriter, readOutput } from './build-output.js';
import { connectNats } from './connection.js';
import { DeadLetters } from './dead-letters.js';
import { Deliveries } from './deliveries.js';
import { EventLog } from './event-log.js';
import { OPERATOR, serviceUsers } from './permissions.js';
import { ensureStreams } from './streams.js';
import { aCause, sampleEvents, sampleOf } from './testing/events.js';
import { testNats } from './testing/servers.js';

const passwords = {
  operator: 'o',
  gateway: 'g',
  scheduler: 's',
  'mock-runner': 'm',
  'artifact-store': 'a',
};

const samples = await sampleEvents();

describe("the NATS users' permissions", () => {
  let server: NatsServer;
  const connections: NatsConnection[] = [];

  async function connectAs(user: Producer | typeof OPERATOR): Promise<NatsConnection> {
    const connection = await connectNats({ url: server.url, user, password: passwords[user] }, user);
    connections.push(connection);
    return connection;
  }

  before(async () => {
    server = await testNats({ users: serviceUsers(passwords) });
    await ensureStreams(await connectAs(OPERATOR));
  });
  after(async () => {
    await Promise.all(connections.map(connection => connection.close()));
    await server.stop();
  });

  for (const service of PRODUCERS) {
    describe(service, () => {
      let connection: NatsConnection;
      let log: EventLog;
      before(async () => {
        connection = await connectAs(service);
        log = await EventLog.open(connection, { producer: service, patience: 0 });
      });

      for (const { definition, event } of samples) {
        const own = definition.producers.includes(service);
        it(`${own ? 'may' : 'may not'} add a ${definition.name}`, async () => {
          const append = log.append({
            aggregate: definition.aggregate,
            aggregateId: newId(),
            expected: 0,
            events: [event],
            cause: aCause(),
          });
          if (own) assert.equal((await append).length, 1);
          else await assert.rejects(append, /Permissions Violation for Publish/);
        });
      }

      it('reads the log', async () => {
        const id = newId();
        assert.deepEqual(await log.load('build', id), []);
        const events = log.read({ from: 1, signal: AbortSignal.timeout(20_000) });
        assert.equal((await events.next()).value?.sequence, 1);
        await events.return(undefined);
        assert.equal((await log.at(1))?.sequence, 1);
        assert.ok((await log.lastSequence()) >= 1);
      });

      it('takes work from the log, acknowledges it, and changes how it takes it', async () => {
        const taken = Promise.withResolvers<string>();
        const deliveries = new Deliveries(log, {
          durable: `${service}-builds`,
          events: [BuildRequested],
          handle: async event => taken.resolve(event.name),
          onError: taken.reject,
        });
        await append(await connectAs('gateway'), newId());
        await deliveries.start();
        assert.equal(await taken.promise, 'BuildRequested');
        await deliveries.stop();
        const changed = { durable: `${service}-builds`, events: [BuildRequested], leaseTime: 5_000 };
        const later = new Deliveries(log, { ...changed, handle: async () => undefined });
        await later.start();
        await later.stop();
        const manager = await jetstreamManager(await connectAs(service), { checkAPI: false });
        const info = await manager.consumers.info(LOG_STREAM, `${service}-builds`);
        assert.ok(info.ack_floor.stream_seq > 0);
        assert.equal(info.config.ack_wait, 5_000_000_000);
      });

      it('sets dead letters aside as itself only', async () => {
        const message = { subject: 'tumbi.log.x', bytes: new Uint8Array(), sequence: 1, recordedAt: '' };
        await new DeadLetters(connection).add(`${service}.builds`, message, 'a test');
        const other = PRODUCERS.find(producer => producer !== service);
        await assert.rejects(
          new DeadLetters(connection).add(`${other}.builds`, message, 'a test'),
          /Permissions Violation/,
        );
      });

      it('changes, purges and deletes no stream, message or consumer', async () => {
        const manager = await jetstreamManager(connection, { checkAPI: false });
        for (const stream of [LOG_STREAM, DEAD_LETTER_STREAM, BUILD_OUTPUT_STREAM]) {
          const refused = /Permissions Violation for Publish/;
          await assert.rejects(manager.streams.delete(stream), refused);
          await assert.rejects(manager.streams.purge(stream), refused);
          await assert.rejects(manager.streams.deleteMessage(stream, 1), refused);
          await assert.rejects(manager.streams.add({ name: stream, subjects: ['other'] }), refused);
          await assert.rejects(
            connection.request(`$JS.API.STREAM.UPDATE.${stream}`, JSON.stringify({ name: stream })),
            refused,
          );
          await assert.rejects(manager.consumers.delete(stream, 'gateway-builds'), refused);
        }
      });

      it("does not hear another service's replies", async () => {
        const refused = Promise.withResolvers<string>();
        connection.subscribe('_INBOX.>', {
          callback: error => refused.resolve(error?.message ?? 'a message came'),
        });
        assert.match(await refused.promise, /Permissions Violation for Subscription/);
      });
    });
  }

  it('let only a runner write build output, and the gateway read it', async () => {
    const build = newId();
    const writer = new OutputWriter(await connectAs('mock-runner'), build, 1);
    writer.write('dh binary\n');
    await writer.close();
    const output = readOutput(await connectAs('gateway'), build, AbortSignal.timeout(20_000));
    assert.deepEqual((await output.next()).value?.lines, ['dh binary']);
    await output.return(undefined);
    const scheduler = jetstream(await connectAs('scheduler'));
    await assert.rejects(scheduler.publish(`tumbi.output.build.${build}`, '{}'), /Permissions Violation/);
  });

  it('let the gateway list the dead letters', async () => {
    const letters = await new DeadLetters(await connectAs('gateway')).list();
    assert.deepEqual(new Set(letters.map(letter => letter.reader.split('.')[0])), new Set(PRODUCERS));
  });

  it('let a service go on reading after a restart of the server', async () => {
    const log = await EventLog.open(await connectAs('scheduler'), { producer: 'scheduler' });
    const gateway = await connectAs('gateway');
    const from = (await log.lastSequence()) + 1;
    await append(gateway, newId());
    const events = log.read({ from, signal: AbortSignal.timeout(20_000) });
    assert.equal((await events.next()).value?.sequence, from);
    const next = events.next();
    await server.restart();
    await append(gateway, newId());
    assert.equal((await next).value?.sequence, from + 1);
    await events.return(undefined);
  });

  it('let the operator make streams, but not delete them or write events', async () => {
    const operator = await connectAs(OPERATOR);
    await ensureStreams(operator);
    const manager = await jetstreamManager(operator, { checkAPI: false });
    await assert.rejects(manager.streams.delete(LOG_STREAM), /Permissions Violation/);
    await assert.rejects(append(operator, newId()), /Permissions Violation/);
  });
});

async function append(connection: NatsConnection, aggregateId: string): Promise<void> {
  const log = await EventLog.open(connection, { producer: 'gateway', patience: 20_000 });
  const events = [await sampleOf(BuildRequested)];
  await log.append({ aggregate: 'build', aggregateId, expected: 0, events, cause: aCause() });
}
