import { execFile } from 'node:child_process';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { PostgresOptions, PostgresServer } from './local-server.js';
import { clearRemains, initialiseCluster, SUPERUSER } from './postgres-cluster.js';
import { postgresIdentity } from './postgres-identity.js';
import { findPostgres } from './postgres-programs.js';
import { ServerProcess } from './server-process.js';

const USUAL_PORT = 5432;
const HOST = '127.0.0.1';

/** Few connections and small buffers: they hold read models of one machine, which the log can make again. */
const FRUGAL = {
  shared_buffers: '32MB',
  max_connections: 60,
  max_wal_senders: 0,
  wal_level: 'minimal',
  max_wal_size: '256MB',
  max_parallel_workers_per_gather: 0,
  huge_pages: 'off',
  jit: 'off',
};

const UNSAFE = { fsync: 'off', full_page_writes: 'off', synchronous_commit: 'off' };

/**
 * Starts PostgreSQL as Debian packages it, after making a cluster in `dir/data` where there is none. It listens
 * on TCP alone and asks for a password (SCRAM), which is generated once and kept in `dir/password`.
 *
 * @throws Error when PostgreSQL is not installed, the directory is in use, or the server refuses to start
 */
export async function startPostgres(options: PostgresOptions): Promise<PostgresServer> {
  const dir = resolve(options.dir);
  const data = join(dir, 'data');
  const settings = {
    ...FRUGAL,
    ...(options.fsync === false && UNSAFE),
    ...options.settings,
    listen_addresses: HOST,
    unix_socket_directories: '',
  };
  const server = new PostgresProcess({
    name: 'PostgreSQL',
    dir,
    logFile: join(dir, 'postgres.log'),
    stopSignal: 'SIGINT', // "fast": ends the sessions, then makes a checkpoint
    orphanSignal: 'SIGQUIT',
    async prepare(port) {
      const programs = await findPostgres(data);
      const identity = await postgresIdentity(dir);
      server.programs = programs;
      server.password = await initialiseCluster(dir, programs, identity);
      await clearRemains(data);
      const flags = Object.entries({ ...settings, port }).flatMap(([name, value]) => [
        '-c',
        `${name}=${value}`,
      ]);
      return { prefix: identity.prefix, command: [join(programs, 'postgres'), '-D', data, ...flags] };
    },
    probe: (_pid, port) => server.answers(port),
    portTaken: log => log.includes('could not create any TCP/IP sockets'),
  });
  await server.start(await candidatePorts(options.port ?? USUAL_PORT));
  return server;
}

class PostgresProcess extends ServerProcess implements PostgresServer {
  readonly host = HOST;
  readonly user = SUPERUSER;
  password = '';
  programs = '';

  url(database = 'postgres'): string {
    return `postgres://${this.user}:${this.password}@${this.host}:${this.port}/${database}`;
  }

  async createDatabase(name: string): Promise<string> {
    if (!/^[a-z_][a-z0-9_]{0,62}$/.test(name)) {
      throw new Error(`"${name}" is not a database name: use lower case letters, digits and "_".`);
    }
    const exists = `SELECT 1 FROM pg_database WHERE datname = '${name}'`;
    if ((await this.#query(this.port, exists)) === '') {
      await this.#query(this.port, `CREATE DATABASE "${name}"`);
    }
    return this.url(name);
  }

  async answers(port: number): Promise<number | undefined> {
    return this.#query(port, 'SELECT 1').then(
      () => port,
      () => undefined,
    );
  }

  async #query(port: number, sql: string): Promise<string> {
    const connection = [
      '--host',
      this.host,
      '--port',
      `${port}`,
      '--username',
      this.user,
      '--dbname',
      'postgres',
    ];
    const { stdout } = await promisify(execFile)(
      join(this.programs, 'psql'),
      ['--no-psqlrc', '--tuples-only', '--no-align', '--command', sql, ...connection],
      { env: { PGPASSWORD: this.password, PGCONNECT_TIMEOUT: '5' } },
    );
    return stdout.trim();
  }
}

/** PostgreSQL cannot choose a port itself: the preferred one, then some that are free now. */
async function candidatePorts(preferred: number): Promise<number[]> {
  const free = await Promise.all(Array.from({ length: 4 }, freePort));
  return preferred === 0 ? free : [preferred, ...free];
}

function freePort(): Promise<number> {
  return new Promise((done, failed) => {
    const server = createServer().once('error', failed);
    server.listen(0, HOST, () => {
      const address = server.address();
      server.close(() => done(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
