import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NatsConnection } from '@nats-io/transport-node';
import type { EventRegistry, Producer } from '@tumbi/contracts';
import {
  type NatsOptions,
  type NatsServer,
  type PostgresServer,
  startNats,
  startPostgres,
} from '@tumbi/local-servers';
import { connectNats } from '../connection.js';
import { EventLog } from '../event-log.js';
import { ensureStreams } from '../streams.js';

/** A nats-server of the test's own, in a folder that goes when it is stopped. */
export function testNats(options: Partial<NatsOptions> = {}): Promise<NatsServer> {
  return inFolder('nats', dir => startNats({ dir, port: 0, syncAlways: false, ...options }));
}

/** A PostgreSQL of the test's own, in a folder that goes when it is stopped. */
export function testPostgres(): Promise<PostgresServer> {
  return inFolder('postgres', dir => startPostgres({ dir, port: 0, fsync: false }));
}

async function inFolder<Server extends { stop(): Promise<void> }>(
  name: string,
  start: (dir: string) => Promise<Server>,
): Promise<Server> {
  const folder = await mkdtemp(join(tmpdir(), `tumbi-${name}-`));
  const server = await start(join(folder, name));
  const stop = server.stop.bind(server);
  return Object.assign(server, {
    stop: async () => {
      await stop();
      await rm(folder, { recursive: true, force: true });
    },
  });
}

/** Connections to one server, closed together; the streams are there. */
export class TestLog implements AsyncDisposable {
  readonly #connections: NatsConnection[] = [];

  private constructor(readonly url: string) {}

  static async at(url: string): Promise<TestLog> {
    const log = new TestLog(url);
    await ensureStreams(await log.connect());
    return log;
  }

  async connect(): Promise<NatsConnection> {
    const connection = await connectNats({ url: this.url }, 'test');
    this.#connections.push(connection);
    return connection;
  }

  /** The log over a connection of its own. */
  async open(
    producer: Producer = 'gateway',
    options: { patience?: number; registry?: EventRegistry } = {},
  ): Promise<EventLog> {
    return EventLog.open(await this.connect(), { producer, ...options });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#connections.map(connection => connection.close()));
  }
}
