import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { errors } from '@nats-io/transport-node';
import {
  BuildCancelled,
  BuildRequested,
  BuildScheduled,
  eventId,
  LOG_STREAM,
  MalformedEvent,
  newEvent,
  newId,
} from '@tumbi/contracts';
import type { NatsServer } from '@tumbi/local-servers';
import { type Append, Conflict, type EventLog } from './event-log.js';
import { aCause, sampleOf } from './testing/events.js';
import { TestLog, testNats } from './testing/servers.js';

const requested = await sampleOf(BuildRequested);
const scheduled = newEvent(BuildScheduled, { maxAttempts: 3, reason: 'requested' });
const cancelled = newEvent(BuildCancelled, { reason: 'a test' });

let server: NatsServer;
let test: TestLog;
before(async () => {
  server = await testNats();
  test = await TestLog.at(server.url);
});
after(async () => {
  await test[Symbol.asyncDispose]();
  await server.stop();
});

function anAppend(of: Partial<Append> = {}): Append {
  return {
    aggregate: 'build',
    aggregateId: newId(),
    expected: 0,
    events: [requested],
    cause: aCause(),
    ...of,
  };
}

async function names(log: EventLog, { aggregate, aggregateId }: Append): Promise<string[]> {
  return (await log.load(aggregate, aggregateId)).map(event => event.name);
}

describe('append', () => {
  let log: EventLog;
  let other: EventLog;
  before(async () => {
    log = await test.open();
    other = await test.open('scheduler');
  });

  it('adds all events of a decision or none', async () => {
    const append = anAppend({ events: [requested, scheduled, cancelled] });
    const [first] = await other.append({ ...append, events: [requested], cause: aCause() });
    await assert.rejects(log.append(append), Conflict);
    assert.deepEqual(await names(log, append), ['BuildRequested']);
    const added = await log.append({ ...append, expected: first?.sequence ?? 0 });
    assert.deepEqual(await names(log, append), [
      'BuildRequested',
      'BuildRequested',
      'BuildScheduled',
      'BuildCancelled',
    ]);
    const loaded = await log.load('build', append.aggregateId);
    assert.deepEqual(
      added.map(({ id, sequence, repeated }) => ({ id, sequence, repeated })),
      loaded.slice(1).map(({ id, sequence }) => ({ id, sequence, repeated: false })),
    );
  });

  it('takes several events that come twice as one time, also after others', async () => {
    const append = anAppend({ events: [requested, scheduled, cancelled] });
    const once = await log.append(append);
    await other.append({
      ...append,
      expected: once.at(-1)?.sequence ?? 0,
      events: [scheduled],
      cause: aCause(),
    });
    const twice = await log.append(append);
    assert.deepEqual(
      twice,
      once.map(one => ({ ...one, repeated: true })),
    );
    assert.equal((await names(log, append)).length, 4);
  });

  it('adds events in order, each with what caused it', async () => {
    const append = anAppend({ events: [requested, scheduled] });
    const appended = await log.append(append);
    const events = await log.load('build', append.aggregateId);
    assert.deepEqual(
      events.map(({ id, name, sequence, actor, correlationId, causationId, aggregateId }) => ({
        id,
        name,
        sequence,
        actor,
        correlationId,
        causationId,
        aggregateId,
      })),
      ['BuildRequested', 'BuildScheduled'].map((name, i) => ({
        id: eventId(append.cause.id, `${append.aggregateId} ${name}`),
        name,
        sequence: appended[i]?.sequence,
        actor: 'token:test',
        correlationId: append.cause.correlationId,
        causationId: undefined,
        aggregateId: append.aggregateId,
      })),
    );
    assert.deepEqual(
      appended.map(({ repeated }) => repeated),
      [false, false],
    );
  });

  it('names the causing event, where an event is the cause', async () => {
    const append = anAppend({ cause: { ...aCause(), isEvent: true } });
    await log.append(append);
    const [event] = await log.load('build', append.aggregateId);
    assert.equal(event?.causationId, append.cause.id);
  });

  it('refuses the second of two writers that saw the same', async () => {
    const append = anAppend();
    const [first] = await log.append(append);
    const next = { ...append, expected: first?.sequence ?? 0 };
    await other.append({ ...next, events: [scheduled], cause: aCause() });
    await assert.rejects(log.append({ ...next, events: [cancelled], cause: aCause() }), Conflict);
    assert.deepEqual(await names(log, append), ['BuildRequested', 'BuildScheduled']);
  });

  it('lets exactly one of many writers through', async () => {
    const append = anAppend();
    const outcomes = await Promise.allSettled(
      Array.from({ length: 30 }, (_, i) => (i % 2 ? log : other).append({ ...append, cause: aCause() })),
    );
    assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 1);
    for (const outcome of outcomes)
      if (outcome.status === 'rejected') assert.ok(outcome.reason instanceof Conflict);
    assert.deepEqual(await names(log, append), ['BuildRequested']);
  });

  it('does not mind what happens to other aggregates', async () => {
    const [one, two] = [anAppend(), anAppend()];
    const [first] = await log.append(one);
    await log.append(two);
    await log.append({ ...one, expected: first?.sequence ?? 0, events: [scheduled] });
    assert.deepEqual(await names(log, one), ['BuildRequested', 'BuildScheduled']);
  });

  it('refuses to add to what is not the last event', async () => {
    const append = anAppend();
    await log.append(append);
    await assert.rejects(log.append({ ...append, expected: 999_999, events: [scheduled] }), Conflict);
  });

  describe('that is repeated', () => {
    it('is told by the server when it expects its own event (duplicate PubAck)', async () => {
      const append = anAppend();
      const [first] = await log.append(append);
      const again = await log.append({ ...append, expected: first?.sequence ?? 0 });
      assert.deepEqual(again, [{ ...first, repeated: true }]);
      assert.deepEqual(await names(log, append), ['BuildRequested']);
    });

    it('finds its own event to be the last (error 10071)', async () => {
      const append = anAppend();
      const [first] = await log.append(append);
      assert.deepEqual(await log.append(append), [{ ...first, repeated: true }]);
      assert.deepEqual(await names(log, append), ['BuildRequested']);
    });

    it("finds its own event with somebody else's behind it (error 10071)", async () => {
      const append = anAppend();
      const [first] = await log.append(append);
      const expected = first?.sequence ?? 0;
      await other.append({ ...append, expected, events: [scheduled], cause: aCause() });
      assert.deepEqual(await log.append(append), [{ ...first, repeated: true }]);
      assert.deepEqual(await names(log, append), ['BuildRequested', 'BuildScheduled']);
    });

    it("is a conflict when only somebody else's is there (error 10071)", async () => {
      const append = anAppend();
      await other.append({ ...append, cause: aCause() });
      await assert.rejects(log.append(append), Conflict);
      assert.deepEqual(await names(log, append), ['BuildRequested']);
    });

    it('is a conflict when only a part of it is there: what was decided then was another thing', async () => {
      const append = anAppend();
      await log.append(append);
      await assert.rejects(log.append({ ...append, events: [requested, scheduled] }), Conflict);
      assert.deepEqual(await names(log, append), ['BuildRequested']);
    });

    it('finds its own event after the duplicate window is over (error 10071)', async () => {
      const manager = await jetstreamManager(log.connection);
      await manager.streams.update(LOG_STREAM, { duplicate_window: 100_000_000 });
      try {
        const append = anAppend();
        const [first] = await log.append(append);
        await setTimeout(300);
        assert.deepEqual(await log.append(append), [{ ...first, repeated: true }]);
        assert.deepEqual(await names(log, append), ['BuildRequested']);
      } finally {
        await manager.streams.update(LOG_STREAM, { duplicate_window: 120_000_000_000 });
      }
    });
  });

  it('adds once, though the acknowledgement of the first try is lost', async () => {
    const append = anAppend();
    const losing = await test.open();
    const request = losing.connection.request.bind(losing.connection);
    let lost = 0;
    losing.connection.request = async (...of: Parameters<typeof request>) => {
      const answer = await request(...of);
      if (of[0].startsWith('tumbi.log.') && lost++ === 0) throw new errors.TimeoutError();
      return answer;
    };
    const [appended] = await losing.append(append);
    assert.equal(lost, 2);
    assert.equal(appended?.repeated, true);
    assert.deepEqual(await names(log, append), ['BuildRequested']);
  });

  it('gives up when its patience is at an end', async () => {
    const unlucky = await testNats();
    const there = await TestLog.at(unlucky.url);
    try {
      const log = await there.open('gateway', { patience: 100 });
      await unlucky.kill();
      await assert.rejects(log.append(anAppend()), { name: 'TimeoutError' });
    } finally {
      await there[Symbol.asyncDispose]();
      await unlucky.stop();
    }
  });
});

describe('load', () => {
  it('reads a history that is longer than a page', async () => {
    const log = await test.open();
    const many = (from: number) =>
      Array.from({ length: 550 }, (_, i) => ({ ...scheduled, step: `${from + i}` }));
    const append = anAppend({ events: many(0) });
    const appended = await log.append(append);
    const expected = appended.at(-1)?.sequence ?? 0;
    appended.push(...(await log.append({ ...append, expected, events: many(550) })));
    const events = await log.load('build', append.aggregateId);
    assert.deepEqual(
      events.map(({ sequence }) => sequence),
      appended.map(({ sequence }) => sequence),
    );
    const later = await log.load('build', append.aggregateId, (events.at(-1)?.sequence ?? 0) + 1);
    assert.deepEqual(later, []);
  });

  it('leaves nothing behind on the connection', async () => {
    const log = await test.open();
    const subscriptions = () => subscriptionsOf(server, log.connection.info?.client_id ?? 0);
    await log.load('build', newId());
    const before = await subscriptions();
    for (let i = 0; i < 20; i++) await log.load('build', newId());
    // The server hears of an ended subscription a little later.
    for (let i = 0; i < 40 && (await subscriptions()) > before; i++) await setTimeout(50);
    assert.equal(await subscriptions(), before);
  });

  it('refuses a history with something in it that it can not read', async () => {
    const log = await test.open();
    const append = anAppend();
    await log.append(append);
    await jetstream(log.connection).publish(`tumbi.log.build.${append.aggregateId}.BuildRequested.v1`, '{}');
    await assert.rejects(log.load('build', append.aggregateId), MalformedEvent);
  });
});

describe('at', () => {
  it('gives the bytes that were stored', async () => {
    const log = await test.open();
    const [appended] = await log.append(anAppend());
    const stored = await log.at(appended?.sequence ?? 0);
    const event = JSON.parse(Buffer.from(stored?.bytes ?? []).toString());
    assert.equal(event.id, appended?.id);
    assert.equal(stored?.sequence, await log.lastSequence());
    assert.equal(await log.at(stored.sequence + 1), undefined);
  });
});

describe('read', () => {
  it('gives everything in order, what is there and what comes, until it is aborted', async () => {
    const log = await test.open();
    const from = (await log.lastSequence()) + 1;
    await fill(log, 50);
    const abort = new AbortController();
    const seen: number[] = [];
    for await (const { sequence, pending } of log.read({ from, signal: abort.signal })) {
      seen.push(sequence);
      if (seen.length === 50) {
        assert.equal(pending, 0);
        await fill(log, 50);
      }
      if (seen.length === 100) abort.abort();
    }
    assert.deepEqual(
      seen,
      Array.from({ length: 100 }, (_, i) => from + i),
    );
  });

  it('gives no more after it is aborted, whatever was fetched ahead', async () => {
    const log = await test.open();
    const abort = new AbortController();
    let seen = 0;
    for await (const _ of log.read({ from: 1, signal: abort.signal })) {
      seen++;
      abort.abort();
    }
    assert.equal(seen, 1);
  });

  it('ends when it is aborted while it waits', async () => {
    const log = await test.open();
    const abort = new AbortController();
    const waiting = log.read({ from: (await log.lastSequence()) + 1, signal: abort.signal }).next();
    await setTimeout(100);
    abort.abort();
    assert.deepEqual(await waiting, { done: true, value: undefined });
  });

  it('gives what stands on the subjects that are asked for', async () => {
    const log = await test.open();
    const append = anAppend({ events: [requested, scheduled, cancelled] });
    await log.append(append);
    const subjects = [`tumbi.log.build.${append.aggregateId}.BuildScheduled.v1`];
    const events = log.read({ from: 1, subjects, signal: AbortSignal.timeout(20_000) });
    const { value } = await events.next();
    assert.equal(value?.subject, subjects[0]);
    assert.equal(value?.pending, 0);
    await events.return(undefined);
  });
});

describe('a server that is stopped for some seconds', () => {
  let away: NatsServer;
  let there: TestLog;
  before(async () => {
    away = await testNats({ syncAlways: true });
    there = await TestLog.at(away.url);
  });
  after(async () => {
    await there[Symbol.asyncDispose]();
    await away.stop();
  });

  it('delays an append, which is there once', async () => {
    const log = await there.open();
    const append = anAppend({ events: [requested, scheduled] });
    await away.kill();
    const appending = log.append(append);
    await setTimeout(6_000); // longer than one try
    await away.restart();
    assert.equal((await appending).length, 2);
    assert.deepEqual(await names(log, append), ['BuildRequested', 'BuildScheduled']);
  });

  it('makes read neither skip nor repeat', async () => {
    const log = await there.open();
    const from = (await log.lastSequence()) + 1;
    const writer = await there.open();
    const abort = new AbortController();
    const seen: number[] = [];
    const reading = (async () => {
      for await (const { sequence } of log.read({ from, signal: abort.signal })) {
        seen.push(sequence);
        if (seen.length === 300) abort.abort();
      }
    })();
    await fill(writer, 100);
    await away.kill();
    const filling = fill(writer, 100);
    await setTimeout(1_500);
    await away.restart();
    await filling;
    await away.restart();
    await fill(writer, 100);
    await reading;
    assert.deepEqual(
      seen,
      Array.from({ length: 300 }, (_, i) => from + i),
    );
  });

  it('delays load', async () => {
    const log = await there.open();
    const append = anAppend();
    await log.append(append);
    await away.kill();
    const loading = names(log, append);
    await setTimeout(500);
    await away.restart();
    assert.deepEqual(await loading, ['BuildRequested']);
  });
});

/** Adds builds that are requested, one event each. */
async function fill(log: EventLog, count: number): Promise<void> {
  for (let i = 0; i < count; i++) await log.append(anAppend());
}

/** How many subscriptions the server holds for a client. */
async function subscriptionsOf(server: NatsServer, client: number): Promise<number> {
  const answer = await fetch(`${server.monitorUrl}/connz?cid=${client}`);
  const { connections } = (await answer.json()) as { connections: { subscriptions: number }[] };
  return connections[0]?.subscriptions ?? -1;
}
