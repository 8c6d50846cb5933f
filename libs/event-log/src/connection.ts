import { connect, type NatsConnection } from '@nats-io/transport-node';
import { inboxPrefix } from './permissions.js';

/** Where the log is and as whom; each service has a user of its own. */
export interface NatsAddress {
  /** For example `nats://127.0.0.1:4222`. */
  readonly url: string;
  readonly user?: string | undefined;
  readonly password?: string | undefined;
}

/** Older servers ignore the headers that keep two writers apart, without a word (docs/adr/ADR-2.md). */
export const MINIMUM_SERVER = '2.12.0';

export class UnsupportedServer extends Error {
  override readonly name = 'UnsupportedServer';
}

/**
 * Connects, and keeps reconnecting for as long as the process lives: a server that is away for a while delays
 * work and loses none.
 * @throws UnsupportedServer when the server is older than {@link MINIMUM_SERVER}
 */
export async function connectNats(address: NatsAddress, name: string): Promise<NatsConnection> {
  const connection = await connect({
    servers: address.url,
    name,
    ...(address.user
      ? { user: address.user, pass: address.password ?? '', inboxPrefix: inboxPrefix(address.user) }
      : {}),
    maxReconnectAttempts: -1,
    reconnectTimeWait: 500,
    pingInterval: 5_000,
    maxPingOut: 2,
  });
  try {
    requireServer(connection.info?.version ?? 'unknown', address.url);
  } catch (error) {
    await connection.close();
    throw error;
  }
  return connection;
}

/** @throws UnsupportedServer with a sentence that says which version is needed and how to get it */
export function requireServer(version: string, url: string): void {
  if (compareVersions(version, MINIMUM_SERVER) >= 0) return;
  throw new UnsupportedServer(
    `The nats-server at ${url} is ${version}; Tumbi needs ${MINIMUM_SERVER} or newer, since older ones ignore the expected sequence that keeps the history consistent. ` +
      'Debian forky and sid have one (apt install -t sid nats-server), `npm start` fetches it by itself, and deploy/compose.yml runs it as a container.',
  );
}

function compareVersions(a: string, b: string): number {
  const numbers = (version: string) => /^\d+(\.\d+)*/.exec(version)?.[0].split('.').map(Number) ?? [0];
  const [left, right] = [numbers(a), numbers(b)];
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference) return difference;
  }
  return 0;
}
