export type {
  Exit,
  LocalServer,
  NatsOptions,
  NatsPermissions,
  NatsServer,
  NatsSubjects,
  NatsUser,
  PostgresOptions,
  PostgresServer,
} from './local-server.js';
export { startNats } from './nats.js';
export { compareVersions, findNatsServer, MINIMUM_NATS_SERVER, type NatsBinary } from './nats-binary.js';
export { startPostgres } from './postgres.js';
