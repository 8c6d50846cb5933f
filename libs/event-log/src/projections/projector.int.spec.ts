import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { jetstream } from '@nats-io/jetstream';
import { newId } from '@tumbi/contracts';
import type { NatsServer, PostgresServer } from '@tumbi/local-servers';
import { DeadLetters } from '../dead-letters.js';
import type { EventLog } from '../event-log.js';
import { fillLog, randomFrom } from '../testing/build-histories.js';
import { type Around, buildsProjection } from '../testing/builds-projection.js';
import { digestOf, query } from '../testing/database.js';
import { TestLog, testNats, testPostgres } from '../testing/servers.js';
import { Projector } from './projector.js';

const EVENTS = 20_000;
const seed = Number(process.env.SEED ?? Date.now() % 2 ** 31);
const random = randomFrom(seed);

describe(`a projector (SEED=${seed})`, () => {
  let nats: NatsServer;
  let postgres: PostgresServer;
  let test: TestLog;
  let log: EventLog;
  let url: string;
  /** What the rows must be: made in one go from the first event. */
  let right: { sha256: string; rows: number };

  before(async () => {
    [nats, postgres] = await Promise.all([testNats(), testPostgres()]);
    url = postgres.url();
    test = await TestLog.at(nats.url);
    log = await test.open();
    await fillLog(log.connection, EVENTS / 4, random);
    // Their rows are there: what follows is added to them.
    for (const schema of ['killed', 'restarted']) await digestOfNew(schema);
    await fillLog(log.connection, (EVENTS * 3) / 4, random);
    right = await digestOfNew('right');
  });
  after(async () => {
    await test[Symbol.asyncDispose]();
    await Promise.all([nats.stop(), postgres.stop()]);
  });

  function projectorOf(schema: string, options: { version?: number; around?: Around; log?: EventLog } = {}) {
    return new Projector(options.log ?? log, {
      url,
      schema,
      batch: 250,
      projection: buildsProjection(options.version, options.around),
    });
  }

  /** The digest of rows that a new projector makes from zero. */
  async function digestOfNew(schema: string) {
    const projector = projectorOf(schema);
    await projector.start();
    assert.ok(await projector.reached(await log.lastSequence(), 60_000));
    await projector.stop();
    return digestOf(url, schema);
  }

  /** A projector's process; gives the signal that ended it, or null. */
  async function runProcess(
    schema: string,
    dieAt: number,
    later: number,
    version = 1,
  ): Promise<string | null> {
    const program = join(import.meta.dirname, '../testing/projector-process.js');
    const args = [nats.url, url, schema, version, dieAt, later, EVENTS].map(String);
    const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'inherit', 'inherit'] });
    const [code, signal] = await once(child, 'exit');
    assert.ok(signal === 'SIGKILL' || code === 0, `the projector's process ended with ${code ?? signal}`);
    return signal;
  }

  async function position(schema: string): Promise<{ version: number; last_sequence: string } | undefined> {
    const [row] = await query<{ version: number; last_sequence: string }>(
      url,
      `SELECT version, last_sequence FROM "${schema}".projection_position`,
    );
    return row;
  }

  it('makes rows that a changed row would not equal', async () => {
    assert.ok(right.rows > EVENTS / 10);
    await query(url, `CREATE SCHEMA altered`);
    for (const table of ['build', 'waiting'])
      await query(url, `CREATE TABLE altered.${table} AS TABLE "right".${table}`);
    assert.deepEqual(await digestOf(url, 'altered'), right);
    await query(
      url,
      `UPDATE altered.build SET events = events + 1 WHERE id = (SELECT min(id::text)::uuid FROM altered.build)`,
    );
    assert.notEqual((await digestOf(url, 'altered')).sha256, right.sha256);
  });

  it(`killed with -9 at random points, has the rows that a rebuild from zero has`, async t => {
    let kills = 0;
    for (let at = EVENTS / 4; ; ) {
      at += 1 + Math.floor((random() * EVENTS) / 6);
      const later = random() < 0.5 ? -1 : Math.floor(random() * 30);
      if (at > EVENTS) break;
      t.diagnostic(
        `killed at ${at}, ${later < 0 ? 'in the middle of its transaction' : `${later} ms later`}`,
      );
      if ((await runProcess('killed', at, later)) === 'SIGKILL') kills++;
    }
    assert.ok(kills >= 3, `${kills} kills`);
    assert.equal(await runProcess('killed', Number.MAX_SAFE_INTEGER, 0), null);
    assert.deepEqual(await digestOf(url, 'killed'), right);
    assert.deepEqual(await position('killed'), { version: 1, last_sequence: String(EVENTS) });
  });

  it('leaves the old rows readable while it makes those of a new version, then swaps them in', async () => {
    await digestOfNew('swapped');
    await query(url, `UPDATE swapped.build SET tag = 'made by version 1'`);
    const old = await digestOf(url, 'swapped');
    const half = Promise.withResolvers<void>();
    const go = Promise.withResolvers<void>();
    const projector = projectorOf('swapped', {
      version: 2,
      around: {
        async before(events) {
          if ((events[0]?.sequence ?? 0) < EVENTS / 2) return;
          half.resolve();
          await go.promise;
        },
      },
    });
    const starting = projector.start();
    await half.promise;
    assert.deepEqual(await digestOf(url, 'swapped'), old);
    assert.equal((await position('swapped'))?.version, 1);
    assert.equal((await position('swapped__builds_v2'))?.version, 2);
    go.resolve();
    await starting;
    await projector.stop();
    assert.deepEqual(await digestOf(url, 'swapped'), right);
    assert.deepEqual(await position('swapped'), { version: 2, last_sequence: String(EVENTS) });
    assert.deepEqual(await schemasLike('swapped'), ['swapped']);
    const indices = await query(url, `SELECT 1 FROM pg_indexes WHERE schemaname = 'swapped'`);
    assert.equal(indices.length, 4); // three keys and one index moved with their tables
  });

  it('that dies in the middle of a rebuild leaves the old rows, and goes on where it was', async () => {
    await digestOfNew('crashed');
    await query(url, `UPDATE crashed.build SET tag = 'made by version 1'`);
    const old = await digestOf(url, 'crashed');
    assert.equal(await runProcess('crashed', EVENTS / 2, -1, 2), 'SIGKILL');
    assert.deepEqual(await digestOf(url, 'crashed'), old);
    let first = 0;
    const projector = projectorOf('crashed', {
      version: 2,
      around: {
        before(events) {
          first ||= events[0]?.sequence ?? 0;
        },
      },
    });
    await projector.start();
    await projector.stop();
    assert.ok(first > EVENTS / 4, `it began again at ${first}`);
    assert.deepEqual(await digestOf(url, 'crashed'), right);
    assert.deepEqual(await schemasLike('crashed'), ['crashed']);
  });

  it('makes rows anew on demand, whatever somebody did to them', async () => {
    const projector = projectorOf('spoilt');
    await projector.start();
    await query(url, `DELETE FROM spoilt.build`);
    await projector.rebuild();
    await projector.stop();
    assert.deepEqual(await digestOf(url, 'spoilt'), right);
  });

  it('shares the work with another one: each event takes effect once', async () => {
    const other = await test.open();
    const pair = [projectorOf('shared'), projectorOf('shared', { log: other })];
    await Promise.all(pair.map(projector => projector.start()));
    await Promise.all(pair.map(async one => assert.ok(await one.reached(EVENTS, 60_000))));
    await Promise.all(pair.map(projector => projector.stop()));
    assert.deepEqual(await digestOf(url, 'shared'), right);
  });

  for (const [what, version] of [
    ['follows', 1],
    ['rebuilds', 2],
  ] as const)
    it(`outlasts a restart of PostgreSQL while it ${what}`, async () => {
      const errors: unknown[] = [];
      let restarted = false;
      const projector = new Projector(log, {
        url,
        schema: 'restarted',
        batch: 250,
        onError: error => errors.push(error),
        projection: buildsProjection(version, {
          async after(events) {
            if (restarted || (events.at(-1)?.sequence ?? 0) < EVENTS / 2) return;
            restarted = true;
            await postgres.restart();
          },
        }),
      });
      await projector.start();
      assert.ok(await projector.reached(EVENTS, 60_000));
      await projector.stop();
      assert.ok(restarted && errors.length > 0);
      assert.deepEqual(await digestOf(url, 'restarted'), right);
    });

  it('outlasts a restart of the log', async () => {
    let restarted = false;
    const projector = projectorOf('log_restarted', {
      around: {
        async before(events) {
          if (restarted || (events[0]?.sequence ?? 0) < EVENTS / 2) return;
          restarted = true;
          await nats.restart();
        },
      },
    });
    await projector.start();
    assert.ok(await projector.reached(EVENTS, 60_000));
    await projector.stop();
    assert.deepEqual(await digestOf(url, 'log_restarted'), right);
  });

  it('fails to start when PostgreSQL is not there', async () => {
    const projector = new Projector(log, {
      url: 'postgres://nobody:x@127.0.0.1:1/none',
      schema: 'none',
      projection: buildsProjection(),
    });
    await assert.rejects(projector.start(), /ECONNREFUSED/);
  });

  // From here on the log grows.

  it('follows what is added, and tells when it has reached it', async () => {
    const projector = projectorOf('following');
    await projector.start();
    const last = await log.lastSequence();
    assert.equal(await projector.reached(last, 60_000), true);
    assert.equal(projector.position, last);
    assert.equal(await projector.reached(last + 1, 50), false);
    const reached = projector.reached(last + 10, 60_000);
    await fillLog(log.connection, 10, random);
    assert.equal(await reached, true);
    await projector.stop();
    assert.deepEqual(await digestOf(url, 'following'), await digestOfNew('following_anew'));
  });

  it('sets a message that it can not read aside once, and goes on', async () => {
    const subject = `tumbi.log.build.${newId()}.BuildRequested.v1`;
    const { seq } = await jetstream(log.connection).publish(subject, '{"no":"event"}');
    await fillLog(log.connection, 10, random);
    const last = await log.lastSequence();
    for (const schema of ['poisoned', 'poisoned_again']) {
      const projector = projectorOf(schema);
      await projector.start();
      assert.equal(await projector.reached(last, 60_000), true);
      await projector.stop();
    }
    const letters = await new DeadLetters(log.connection).list();
    assert.deepEqual(
      letters.map(({ reader, source, bytes }) => ({
        reader,
        source,
        bytes: Buffer.from(bytes, 'base64').toString(),
      })),
      [{ reader: 'gateway.builds', source: { sequence: seq, subject }, bytes: '{"no":"event"}' }],
    );
    assert.match(letters[0]?.reason ?? '', /is not a CloudEvent of Tumbi: specversion/);
  });

  async function schemasLike(prefix: string): Promise<string[]> {
    const rows = await query<{ name: string }>(
      url,
      `SELECT nspname AS name FROM pg_namespace WHERE nspname LIKE '${prefix}%' ORDER BY 1`,
    );
    return rows.map(({ name }) => name);
  }
});
