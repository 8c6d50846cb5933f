import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { jetstreamManager } from '@nats-io/jetstream';
import {
  type BuildEvent,
  BuildFailed,
  BuildRequested,
  BuildStarted,
  LOG_STREAM,
  newEvent,
  newId,
} from '@tumbi/contracts';
import type { NatsServer } from '@tumbi/local-servers';
import { causedBy, type Decider, decide, Refused } from './decide.js';
import type { EventLog } from './event-log.js';
import { aCause, sampleOf } from './testing/events.js';
import { TestLog, testNats } from './testing/servers.js';

const requested = await sampleOf(BuildRequested);
const started = await sampleOf(BuildStarted);

/** Attempts that were started, and by whom, in their order. */
type Attempts = readonly string[];

/** Starts an attempt of a certain number, unless somebody else has. */
const starter: Decider<Attempts, BuildEvent, { attempt: number; runner: string }> = {
  aggregate: 'build',
  initial: [],
  evolve: (attempts, event) => (event.name === 'BuildStarted' ? [...attempts, event.data.runner] : attempts),
  decide(attempts, { attempt, runner }) {
    if (attempts.length >= attempt) return [];
    if (attempts.length !== attempt - 1) throw new Refused(`Attempt ${attempt} is not the next.`);
    const data = { ...(started.data as object), attempt, runner } as (typeof BuildStarted.data)['_output'];
    return [newEvent(BuildStarted, data)];
  },
};

/** Says what it is told to, whatever happened: not a good decision, but a good test. */
const parrot: Decider<undefined, BuildEvent, string> = {
  aggregate: 'build',
  initial: undefined,
  evolve: () => undefined,
  decide: (_, message) => [
    newEvent(BuildFailed, { attempt: 1, class: 'infrastructure', stage: 'build', message, willRetry: true }),
  ],
};

describe('decide', () => {
  let server: NatsServer;
  let test: TestLog;
  let log: EventLog;
  before(async () => {
    server = await testNats();
    test = await TestLog.at(server.url);
    log = await test.open('mock-runner');
  });
  after(async () => {
    await test[Symbol.asyncDispose]();
    await server.stop();
  });

  it('lets exactly one of twenty win each step', async () => {
    const id = newId();
    const deciders = await Promise.all(
      Array.from({ length: 20 }, async () => ({ log: await test.open('mock-runner'), runner: newId() })),
    );
    for (const attempt of [1, 2, 3]) {
      const outcomes = await Promise.all(
        deciders.map(({ log, runner }) => decide(log, starter, id, { attempt, runner }, aCause())),
      );
      assert.equal(outcomes.filter(({ appended }) => appended.length === 1).length, 1);
    }
    const history = (await log.load('build', id)) as BuildEvent[];
    const runners = history.map(event => event.name === 'BuildStarted' && event.data.runner);
    assert.equal(history.length, 3);
    for (const runner of runners) assert.ok(deciders.some(decider => decider.runner === runner));
  });

  it('gives the state that it decided on, and where the events stand', async () => {
    const id = newId();
    const runner = newId();
    await decide(log, starter, id, { attempt: 1, runner }, aCause());
    const { state, appended } = await decide(log, starter, id, { attempt: 2, runner }, aCause());
    assert.deepEqual(state, [runner]);
    assert.equal(appended[0]?.sequence, await log.lastSequence());
  });

  it('adds nothing when there is nothing to do, or when it is refused', async () => {
    const id = newId();
    const runner = newId();
    await decide(log, starter, id, { attempt: 1, runner }, aCause());
    const { appended } = await decide(log, starter, id, { attempt: 1, runner }, aCause());
    assert.deepEqual(appended, []);
    await assert.rejects(decide(log, starter, id, { attempt: 3, runner }, aCause()), Refused);
    assert.equal((await log.load('build', id)).length, 1);
  });

  it('does not add again what its cause has added, long after the duplicate window', async () => {
    const manager = await jetstreamManager(log.connection);
    await manager.streams.update(LOG_STREAM, { duplicate_window: 100_000_000 });
    const id = newId();
    const cause = aCause();
    const first = await decide(log, parrot, id, 'The mirror is away.', cause);
    await setTimeout(300);
    const again = await decide(log, parrot, id, 'The mirror is still away.', cause);
    assert.deepEqual(again.appended, [{ ...first.appended[0], repeated: true }]);
    await decide(log, parrot, id, 'The mirror is away.', aCause());
    assert.equal((await log.load('build', id)).length, 2);
  });

  it('makes an event the cause of what follows', async () => {
    const gateway = await test.open();
    const id = newId();
    const cause = aCause();
    await gateway.append({ aggregate: 'build', aggregateId: id, expected: 0, events: [requested], cause });
    const [request] = await log.load('build', id);
    assert.ok(request);
    const because = causedBy(request, 'service:mock-runner');
    await decide(log, starter, id, { attempt: 1, runner: newId() }, because);
    const start = (await log.load('build', id)).at(-1);
    assert.equal(start?.causationId, request.id);
    assert.equal(start?.correlationId, cause.correlationId);
    assert.equal(start?.actor, 'service:mock-runner');
  });
});
