import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type NatsOptions, type NatsServer, startNats } from '@tumbi/local-servers';

/** A nats-server of the test's own, in a folder of its own; the caller stops it. */
export async function testNats(options: Partial<NatsOptions> = {}): Promise<NatsServer> {
  const dir = await mkdtemp(join(tmpdir(), 'tumbi-nats-'));
  const server = await startNats({ dir, port: 0, syncAlways: false, ...options });
  const stop = server.stop.bind(server);
  return Object.assign(server, {
    stop: async () => {
      await stop();
      await rm(dir, { recursive: true, force: true });
    },
  });
}
