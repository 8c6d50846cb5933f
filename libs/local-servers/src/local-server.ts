/** How a server's process ended. */
export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/**
 * A real server process on 127.0.0.1. It ends when the process that started it ends, however that happens.
 * `await using server = await startNats(…)` stops it at the end of the block.
 */
export interface LocalServer extends AsyncDisposable {
  readonly port: number;
  /** The server's process id; another one after `restart`. */
  readonly pid: number;
  /** The file that holds everything the server has said, over all of its runs. */
  readonly logFile: string;
  /** Settles when the present process has ended, asked for or not. */
  readonly exited: Promise<Exit>;
  /** Stops cleanly; after 15 s by SIGKILL. Does nothing when it has stopped already. */
  stop(): Promise<void>;
  /** Sends a signal, SIGKILL unless told otherwise; a killed server has ended when this returns. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** Starts again on the same port with the same data, stopping it first where it still runs. */
  restart(): Promise<void>;
}

/** What a NATS user may do; subjects may hold wildcards. */
export interface NatsPermissions {
  publish?: NatsSubjects;
  subscribe?: NatsSubjects;
  /** Lets it answer on a reply subject that it may not otherwise publish to. */
  allow_responses?: boolean | { max: number; expires: string };
}

export interface NatsSubjects {
  allow?: readonly string[];
  deny?: readonly string[];
}

export interface NatsUser {
  name: string;
  password: string;
  /** May do anything when left out. */
  permissions?: NatsPermissions;
}

export interface NatsOptions {
  /** Holds the configuration, the log and the lock; created when missing. Two servers never share one. */
  dir: string;
  /** Preferred port: 4222 when left out, 0 for any free one. A free one is taken when it is in use. */
  port?: number;
  /** Where JetStream keeps its streams; `dir/jetstream` when left out. */
  storeDir?: string;
  /** Without users, whoever reaches the port may do anything. */
  users?: readonly NatsUser[];
  /** fsync after every message (`sync_interval: always`); true when left out. */
  syncAlways?: boolean;
  /** Largest message in bytes; the server's own default of 1 MiB when left out. */
  maxPayload?: number;
  /** More of the server's configuration, by its own names; wins over what is derived from the rest. */
  config?: Readonly<Record<string, unknown>>;
  /** The nats-server to run; `findNatsServer()` when left out. */
  binary?: string;
}

export interface NatsServer extends LocalServer {
  /** `nats://127.0.0.1:PORT`, without credentials. */
  readonly url: string;
  /** `http://127.0.0.1:PORT` of the monitoring pages (`/healthz`, `/jsz`, …). */
  readonly monitorUrl: string;
  /** For example `2.15.1`. */
  readonly version: string;
}

export interface PostgresOptions {
  /** Holds the cluster, its password (0600), the log and the lock; initialised when empty. */
  dir: string;
  /** Preferred port: 5432 when left out, 0 for any free one. A free one is taken when it is in use. */
  port?: number;
  /** False loses data in a power cut: for tests only. True when left out. */
  fsync?: boolean;
  /** More settings, by PostgreSQL's own names; they win. */
  settings?: Readonly<Record<string, string | number>>;
}

export interface PostgresServer extends LocalServer {
  readonly host: '127.0.0.1';
  readonly user: string;
  readonly password: string;
  /** `postgres://USER:PASSWORD@127.0.0.1:PORT/DATABASE`; the database `postgres` when left out. */
  url(database?: string): string;
  /** Makes the database unless it exists; gives its URL. */
  createDatabase(name: string): Promise<string>;
}
