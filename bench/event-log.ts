import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DeliverPolicy, jetstream } from '@nats-io/jetstream';
import {
  aggregateSubject,
  decodeEvent,
  encodeEvent,
  LOG_STREAM,
  type NewEvent,
  newId,
} from '@tumbi/contracts';
import { type Cause, connectNats, EventLog, ensureStreams, Projector } from '@tumbi/event-log';
import { startNats, startPostgres } from '@tumbi/local-servers';
import { fillLog, randomFrom } from '../libs/event-log/dist/testing/build-histories.js';
import { hub } from '../services/gateway/dist/read-models/hub.projection.js';
import type { Benchmark, Conditions, Table } from './benchmark.ts';
import { formatSpread, interleave, ratios, secondsOf, spread } from './measure.ts';
import { temporaryFolder } from './temporary-folder.ts';

const HISTORY = join(import.meta.dirname, '../libs/contracts/goldens/histories/whole-build.jsonl');

/**
 * Rates of the event log over those of the JetStream client alone, in events a second.
 *
 * Append: the six events of a whole build, for one new build after another, to a nats-server of our own that flushes
 * every message to the disk (`sync_interval: always`, as installations do). Compared, on one connection each:
 * - `js.publish` of bytes that were made before, as many and on subjects of the same form;
 * - the same with the headers that an append must have, a message id and the expected sequence of its aggregate: the
 *   difference to the first is what the server asks for them;
 * - `EventLog.append`, which also checks the data by its schema and makes the envelope and its ids.
 * One at a time, and 16 in flight: 16 writers, each with a build of its own.
 *
 * Projection: a stream of build histories with PostgreSQL beside it, flushing too. Compared:
 * - the client's ordered consumer, which only counts the messages;
 * - the same through `EventLog.read`, each event decoded and checked by its schema;
 * - a `Projector` that fills the gateway's own tables from the first event to the last, and swaps them in.
 */
export const eventLog: Benchmark = async conditions => [
  await appendRates(conditions),
  await projectionRates(conditions),
];

/** An event that is about to be appended, and the place that it has in its aggregate. */
interface Next {
  readonly build: string;
  readonly event: NewEvent;
  readonly cause: Cause;
  /** Sequence of the event before it; 0 for the first. */
  readonly expected: number;
  /** As the event log would store it. */
  readonly message: { readonly subject: string; readonly bytes: Uint8Array };
}

/** Appends one event in some way; gives its sequence. */
type Append = (next: Next) => Promise<number>;

async function appendRates({ quick, say }: Conditions): Promise<Table> {
  await using folder = await temporaryFolder();
  await using nats = await startNats({ dir: join(folder.path, 'nats'), port: 0 });
  await using parts = new AsyncDisposableStack();
  const connect = async () => {
    const connection = await connectNats({ url: nats.url }, 'bench');
    parts.defer(() => connection.close());
    return connection;
  };
  await ensureStreams(await connect());
  const raw = jetstream(await connect());
  const log = await EventLog.open(await connect(), { producer: 'gateway' });
  const ways: Record<'raw' | 'headers' | 'append', Append> = {
    raw: async ({ message }) => (await raw.publish(message.subject, message.bytes)).seq,
    headers: async ({ build, expected, message }) => {
      const all = aggregateSubject('build', build);
      const expect = { lastSubjectSequence: expected, lastSubjectSequenceSubject: all };
      return (await raw.publish(message.subject, message.bytes, { msgID: newId(), expect })).seq;
    },
    append: async ({ build, event, cause, expected }) => {
      const append = { aggregate: 'build', aggregateId: build, expected, events: [event], cause } as const;
      return (await log.append(append))[0]?.sequence ?? 0;
    },
  };
  const history = await wholeBuild();
  const rows: string[][] = [];
  for (const writers of [1, 16]) {
    const builds = quick ? 64 : 128;
    say(`Appending, ${writers} in flight …`);
    const measure = (way: Append) => async () => {
      const prepared = prepare(history, builds);
      return (builds * history.length) / (await secondsOf(() => appendAll(prepared, writers, way)));
    };
    const rates = await interleave(
      { raw: measure(ways.raw), headers: measure(ways.headers), append: measure(ways.append) },
      { warmUp: 1, counted: quick ? 3 : 15 },
    );
    const at = writers === 1 ? 'one by one' : `${writers} in flight`;
    rows.push(
      rateRow(`js.publish, ${at}`, rates.raw, rates.raw),
      rateRow(`… with id and expected sequence, ${at}`, rates.headers, rates.raw),
      rateRow(`EventLog.append, ${at}`, rates.append, rates.raw),
    );
  }
  const bytes = spread(
    prepare(history, 1)
      .flat()
      .map(({ message }) => message.bytes.length),
  );
  return {
    title: 'event-log: appending',
    columns: ['way', 'events/s', 'over js.publish'],
    rows,
    remarks: [
      `Bytes of an event: ${formatSpread(bytes, 0)}; nats-server ${nats.version}, sync_interval always.`,
    ],
  };
}

/** The events of a build that succeeds, from the contracts' golden history. */
async function wholeBuild(): Promise<NewEvent[]> {
  const lines = (await readFile(HISTORY, 'utf8')).trimEnd().split('\n');
  return lines.map(line => {
    const { type, data } = JSON.parse(line);
    const [, name, version] = /^tumbi\.(\w+)\.v(\d+)$/.exec(type) ?? [];
    if (name === undefined) throw new Error(`${HISTORY} holds a ${type}.`);
    return { name, version: Number(version), data };
  });
}

/** What is appended, made ready before the clock starts; the sequences come as they are given. */
function prepare(history: readonly NewEvent[], builds: number): Omit<Next, 'expected'>[][] {
  return Array.from({ length: builds }, () => {
    const build = newId();
    const cause = { id: newId(), correlationId: newId(), actor: 'token:bench', isEvent: true };
    return history.map(event => ({ build, event, cause, message: encoded(build, event, cause) }));
  });
}

function encoded(build: string, event: NewEvent, cause: Cause): Next['message'] {
  const { correlationId, actor } = cause;
  const place = { producer: 'gateway', aggregate: 'build', aggregateId: build } as const;
  const time = new Date().toISOString();
  return encodeEvent(event, { id: newId(), ...place, actor, correlationId, causationId: cause.id, time });
}

async function appendAll(
  builds: readonly (readonly Omit<Next, 'expected'>[])[],
  writers: number,
  append: Append,
): Promise<void> {
  const waiting = builds.values();
  const write = async () => {
    for (const build of waiting) {
      let expected = 0;
      for (const next of build) expected = await append({ ...next, expected });
    }
  };
  await Promise.all(Array.from({ length: writers }, write));
}

async function projectionRates({ quick, say }: Conditions): Promise<Table> {
  const events = quick ? 5_000 : 30_000;
  await using folder = await temporaryFolder();
  await using nats = await startNats({ dir: join(folder.path, 'nats'), port: 0 });
  await using postgres = await startPostgres({ dir: join(folder.path, 'postgres'), port: 0 });
  const connection = await connectNats({ url: nats.url }, 'bench');
  await using parts = new AsyncDisposableStack();
  parts.defer(() => connection.close());
  await ensureStreams(connection);
  say(`Filling a log with ${events} events …`);
  await fillLog(connection, events, randomFrom(1));
  const log = await EventLog.open(connection, { producer: 'gateway' });
  let databases = 0;
  say('Reading and projecting it …');
  const rate = (read: () => Promise<unknown>) => async () => events / (await secondsOf(read));
  const rates = await interleave(
    {
      raw: rate(async () => {
        const consumer = await jetstream(connection).consumers.get(LOG_STREAM, {
          deliver_policy: DeliverPolicy.All,
        });
        const messages = await consumer.consume({ max_messages: 2_000 });
        for await (const message of messages) if (message.seq === events) break;
      }),
      decoded: rate(async () => {
        const reading = new AbortController();
        for await (const stored of log.read({ from: 1, signal: reading.signal })) {
          if (decodeEvent(stored).sequence === events) break;
        }
        reading.abort();
      }),
      projected: async () => {
        const url = await postgres.createDatabase(`bench${databases++}`);
        const projector = new Projector(log, { url, schema: 'gateway', projection: hub });
        const seconds = await secondsOf(async () => {
          await projector.start();
          if (!(await projector.reached(events, 60_000))) throw new Error('The projection did not end.');
        });
        await projector.stop();
        return events / seconds;
      },
    },
    { warmUp: 1, counted: quick ? 3 : 9 },
  );
  return {
    title: 'event-log: reading and projecting',
    columns: ['way', 'events/s', 'over the ordered consumer'],
    rows: [
      rateRow('ordered consumer, only counted', rates.raw, rates.raw),
      rateRow('EventLog.read, decoded and checked', rates.decoded, rates.raw),
      rateRow("Projector, the gateway's tables from zero", rates.projected, rates.raw),
    ],
    remarks: [`${events} events of build histories; PostgreSQL with fsync.`],
  };
}

function rateRow(way: string, rates: readonly number[], floors: readonly number[]): string[] {
  const over = rates === floors ? '1' : formatSpread(spread(ratios(rates, floors)), 2);
  return [way, formatSpread(spread(rates), 0), over];
}
