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
