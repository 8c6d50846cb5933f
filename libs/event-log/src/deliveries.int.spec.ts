import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { type ConsumerInfo, type JetStreamManager, jetstream, jetstreamManager } from '@nats-io/jetstream';
import { BuildRequested, DEAD_LETTER_STREAM, LOG_STREAM, type LoggedEvent, newId } from '@tumbi/contracts';
import type { NatsServer } from '@tumbi/local-servers';
import { type DeadLetter, DeadLetters } from './dead-letters.js';
import { Deliveries, type Delivery, type DeliveryOptions, RetryLater } from './deliveries.js';
import type { EventLog } from './event-log.js';
import { ensureStreams } from './streams.js';
import { aCause, sampleOf } from './testing/events.js';
import { TestLog, testNats } from './testing/servers.js';

const requested = await sampleOf(BuildRequested);
const durable = 'work';
/** Short, so that a test sees what happens after it. */
const leaseTime = 1_000;

let server: NatsServer;
let test: TestLog;
let log: EventLog;
let manager: JetStreamManager;
let running: Deliveries[];

beforeEach(async () => {
  server = await testNats();
  test = await TestLog.at(server.url);
  log = await test.open();
  manager = await jetstreamManager(log.connection);
  running = [];
});
afterEach(async () => {
  await Promise.all(running.map(deliveries => deliveries.stop()));
  await test[Symbol.asyncDispose]();
  await server.stop();
});

async function deliver(
  handle: (event: LoggedEvent, delivery: Delivery) => Promise<void>,
  options: Partial<DeliveryOptions> = {},
): Promise<Deliveries> {
  const deliveries = new Deliveries(await test.open(), {
    durable,
    events: [BuildRequested],
    leaseTime,
    handle,
    ...options,
  });
  running.push(deliveries);
  await deliveries.start();
  return deliveries;
}

/** Adds a build; gives its id. */
async function addBuild(): Promise<string> {
  const aggregateId = newId();
  await log.append({ aggregate: 'build', aggregateId, expected: 0, events: [requested], cause: aCause() });
  return aggregateId;
}

async function addBuilds(count: number): Promise<string[]> {
  return Promise.all(Array.from({ length: count }, addBuild));
}

/** Returns once something is so. */
async function until(so: () => Promise<boolean> | boolean): Promise<void> {
  for (let tries = 0; tries < 600; tries++) {
    if (await so()) return;
    await setTimeout(50);
  }
  assert.fail('it did not come to pass within half a minute');
}

const consumer = (): Promise<ConsumerInfo> => manager.consumers.info(LOG_STREAM, durable);

/** Whether everything was delivered, and nothing waits to be acknowledged. */
async function finished(): Promise<boolean> {
  const { num_pending, num_ack_pending } = await consumer();
  return num_pending === 0 && num_ack_pending === 0;
}

const letters = (): Promise<DeadLetter[]> => new DeadLetters(log.connection).list();

describe('deliveries', () => {
  it('hand each event to the handler once, those that are there and those that come', async () => {
    const before = await addBuilds(20);
    const handled: string[] = [];
    await deliver(async event => {
      handled.push(event.aggregateId);
    });
    const later = await addBuilds(20);
    await until(() => handled.length >= 40);
    await until(finished);
    await setTimeout(2 * leaseTime);
    assert.deepEqual([...handled].sort(), [...before, ...later].sort());
    assert.equal((await consumer()).num_redelivered, 0);
  });

  it('hand an event to one of several processes', async () => {
    const handled: string[] = [];
    for (let i = 0; i < 3; i++)
      await deliver(async event => {
        handled.push(event.aggregateId);
      });
    const builds = await addBuilds(60);
    await until(finished);
    assert.deepEqual([...handled].sort(), [...builds].sort());
  });

  it('handle as many side by side as there are slots', async () => {
    let [now, most] = [0, 0];
    await addBuilds(12);
    await deliver(
      async () => {
        most = Math.max(most, ++now);
        await setTimeout(100);
        now--;
      },
      { slots: 3 },
    );
    await until(finished);
    assert.equal(most, 3);
  });

  it('handle one at a time over all processes, where they are told to', async () => {
    let [now, most] = [0, 0];
    const handle = async () => {
      most = Math.max(most, ++now);
      await setTimeout(50);
      now--;
    };
    await addBuilds(8);
    for (let i = 0; i < 3; i++) await deliver(handle, { exclusive: true });
    await until(finished);
    assert.equal(most, 1);
  });

  it('keep the lease of a handler that takes long', async () => {
    const counts: number[] = [];
    const handle = async (_: LoggedEvent, { count }: Delivery) => {
      counts.push(count);
      await setTimeout(3.5 * leaseTime);
    };
    await addBuild();
    await deliver(handle);
    await deliver(handle);
    await until(finished);
    assert.deepEqual(counts, [1]);
  });

  it('give the event of a process that was killed with -9 to another', async () => {
    const build = await addBuild();
    const program = join(import.meta.dirname, 'testing/worker-process.js');
    const worker = spawn(process.execPath, [program, server.url, durable, `${leaseTime}`], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [said] = await once(worker.stdout, 'data');
    assert.equal(String(said).trim(), build);
    const taken: [string, number][] = [];
    await deliver(async (event, { count }) => {
      taken.push([event.aggregateId, count]);
    });
    await setTimeout(2 * leaseTime);
    assert.deepEqual(taken, [], 'the worker lives, and keeps its event');
    worker.kill('SIGKILL');
    await once(worker, 'exit');
    await until(finished);
    assert.deepEqual(taken, [[build, 2]]);
  });

  it('bring an event again later when the handler asks for it, however often', async () => {
    const counts: number[] = [];
    await addBuild();
    await deliver(
      async (_, { count }) => {
        counts.push(count);
        if (count <= 4) throw new RetryLater('Not yet.', 100);
        if (count === 5) throw new Error('Once.');
      },
      { maxFailures: 2 },
    );
    await until(finished);
    assert.deepEqual(counts, [1, 2, 3, 4, 5, 6]);
    assert.deepEqual(await letters(), []);
  });

  it('bring an event again when what the handler needs is away', async () => {
    const counts: number[] = [];
    const errors: unknown[] = [];
    await addBuild();
    await deliver(
      async (_, { count }) => {
        counts.push(count);
        if (count <= 2) throw Object.assign(new Error('The object store is away.'), { retryable: true });
      },
      { maxFailures: 1, onError: error => errors.push(error) },
    );
    await until(finished);
    assert.deepEqual(counts, [1, 2, 3]);
    assert.deepEqual(errors, []);
    assert.deepEqual(await letters(), []);
  });

  it('set an event aside whose handler keeps failing, and go on with the others', async () => {
    const poison = await addBuild();
    const others = await addBuilds(3);
    const handled: string[] = [];
    const errors: [string, string | undefined][] = [];
    await deliver(
      async event => {
        handled.push(event.aggregateId);
        if (event.aggregateId === poison) throw new Error('It is cursed.');
      },
      {
        maxFailures: 3,
        onError: (error, event) => errors.push([(error as Error).message, event?.aggregateId]),
      },
    );
    await until(async () => (await letters()).length > 0);
    await until(finished);
    assert.deepEqual(handled.sort(), [poison, poison, poison, ...others].sort());
    assert.deepEqual(
      errors,
      Array.from({ length: 3 }, () => ['It is cursed.', poison]),
    );
    const [letter] = await letters();
    assert.partialDeepStrictEqual(letter, {
      sequence: 1,
      reader: `gateway.${durable}`,
      reason: 'It is cursed.',
      source: { sequence: 1, subject: `tumbi.log.build.${poison}.BuildRequested.v1` },
    });
    assert.deepEqual(Buffer.from(letter?.bytes ?? '', 'base64'), Buffer.from((await log.at(1))?.bytes ?? []));
  });

  it('set a message aside that is no event, and go on with the others', async () => {
    const subject = `tumbi.log.build.${newId()}.BuildRequested.v1`;
    await jetstream(log.connection).publish(subject, 'garbage');
    const build = await addBuild();
    const handled: string[] = [];
    await deliver(async event => {
      handled.push(event.aggregateId);
    });
    await until(finished);
    assert.deepEqual(handled, [build]);
    const [letter, ...more] = await letters();
    assert.deepEqual(more, []);
    assert.partialDeepStrictEqual(letter, { reader: `gateway.${durable}`, source: { sequence: 1, subject } });
    assert.equal(letter?.reason, `The message at 1 (${subject}) is not JSON in UTF-8.`);
    assert.equal(Buffer.from(letter.bytes, 'base64').toString(), 'garbage');
  });

  it('keep a message until its dead letter is stored', async () => {
    await manager.streams.delete(DEAD_LETTER_STREAM);
    await jetstream(log.connection).publish(`tumbi.log.build.${newId()}.BuildRequested.v1`, 'garbage');
    const errors: unknown[] = [];
    await deliver(async () => undefined, { onError: error => errors.push(error) });
    await until(() => errors.length >= 2);
    assert.equal((await consumer()).num_ack_pending, 1);
    await ensureStreams(log.connection);
    await until(finished);
    assert.equal((await letters()).length, 1);
  });

  it('go on after the server has been away', async () => {
    const handled = new Set<string>();
    await deliver(async event => {
      handled.add(event.aggregateId);
      await setTimeout(20);
    });
    const builds = await addBuilds(20);
    await server.kill();
    await setTimeout(1_000);
    await server.restart();
    builds.push(...(await addBuilds(20)));
    await until(() => handled.size === 40);
    await until(finished);
    assert.deepEqual([...handled].sort(), builds.sort());
  });

  it('end what they have begun when they are stopped, and take no more', async () => {
    await addBuilds(3);
    const begun = Promise.withResolvers<void>();
    const handled: boolean[] = [];
    const deliveries = await deliver(async (_, { signal }) => {
      begun.resolve();
      await setTimeout(300);
      handled.push(signal.aborted);
    });
    await begun.promise;
    await deliveries.stop();
    assert.deepEqual(handled, [true]);
    assert.equal((await consumer()).num_ack_pending, 0);
    assert.equal((await consumer()).num_pending, 2);
  });

  it('take new options for a durable that is there', async () => {
    await (await deliver(async () => undefined)).stop();
    await deliver(async () => undefined, { leaseTime: 5_000, exclusive: true });
    const { config } = await consumer();
    assert.equal(config.ack_wait, 5_000_000_000);
    assert.equal(config.max_ack_pending, 1);
  });
});

describe('dead letters', () => {
  const message = (sequence: number) => ({
    subject: 'tumbi.log.build.x.y.v1',
    bytes: Buffer.from(`message ${sequence}`),
    sequence,
    recordedAt: '2026-11-21T07:00:00.000Z',
  });

  it('are none at first', async () => assert.deepEqual(await letters(), []));

  it('are listed with the newest first, as many as are asked for', async () => {
    const all = new DeadLetters(log.connection);
    for (let i = 1; i <= 5; i++) await all.add('scheduler.builds', message(i), `reason ${i}`);
    assert.deepEqual(
      (await all.list(3)).map(({ sequence, reason }) => [sequence, reason]),
      [
        [5, 'reason 5'],
        [4, 'reason 4'],
        [3, 'reason 3'],
      ],
    );
  });

  it('are there once for each reader, however often it gives up', async () => {
    const all = new DeadLetters(log.connection);
    for (const reader of ['scheduler.builds', 'gateway.builds', 'scheduler.builds'])
      await all.add(reader, message(7), 'a test');
    assert.deepEqual(
      (await all.list()).map(({ reader }) => reader),
      ['gateway.builds', 'scheduler.builds'],
    );
  });
});
