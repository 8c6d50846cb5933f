import { join } from 'node:path';
import type { NatsOptions } from './local-server.js';

/**
 * The configuration file of a nats-server, in the JSON that its own format is a superset of.
 * @param port 0 for any free one; the server then tells it in its ports file
 */
export function natsConfig(options: NatsOptions, port: number): string {
  const config = {
    host: '127.0.0.1',
    port: port === 0 ? -1 : port,
    http: '127.0.0.1:-1',
    ports_file_dir: options.dir,
    jetstream: {
      store_dir: options.storeDir ?? join(options.dir, 'jetstream'),
      ...((options.syncAlways ?? true) && { sync_interval: 'always' }),
    },
    ...(options.maxPayload !== undefined && { max_payload: options.maxPayload }),
    ...(options.users !== undefined && {
      authorization: {
        users: options.users.map(({ name, password, permissions }) => ({
          user: name,
          password,
          ...(permissions !== undefined && { permissions }),
        })),
      },
    }),
    ...options.config,
  };
  return `${JSON.stringify(config, undefined, 2)}\n`;
}
