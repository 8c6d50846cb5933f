import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Producer } from '@tumbi/contracts';
import { connectNats, ensureStreams, type NatsAddress, OPERATOR, serviceUsers } from '@tumbi/event-log';
import { type NatsServer, type PostgresServer, startNats, startPostgres } from '@tumbi/local-servers';
import type { Progress } from './progress.js';
import { natsPasswords } from './secrets.js';

/** The servers of one machine, with the streams and the database that the services need. */
export interface Servers extends AsyncDisposable {
  readonly nats: NatsServer;
  readonly postgres: PostgresServer;
  /** The database of the read models. */
  readonly database: string;
  /** How a service reaches the log as itself. */
  as(service: Producer): NatsAddress;
}

/** Starts nats-server and PostgreSQL on loopback with their data in a folder. */
export async function startServers(home: string, progress: Progress): Promise<Servers> {
  await using parts = new AsyncDisposableStack();
  await mkdir(home, { recursive: true });
  const passwords = await natsPasswords(home);
  const nats = parts.use(
    await progress.step('Starting nats-server', () =>
      startNats({ dir: join(home, 'nats'), users: serviceUsers(passwords) }),
    ),
  );
  const as = (user: keyof typeof passwords) => ({ url: nats.url, user, password: passwords[user] });
  const operator = await connectNats(as(OPERATOR), 'tumbi-operator');
  await ensureStreams(operator).finally(() => operator.close());
  const postgres = parts.use(
    await progress.step('Starting PostgreSQL', () => startPostgres({ dir: join(home, 'postgres') })),
  );
  const database = await postgres.createDatabase('tumbi');
  const running = parts.move();
  return { nats, postgres, database, as, [Symbol.asyncDispose]: () => running.disposeAsync() };
}
