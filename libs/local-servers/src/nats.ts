import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { tumbiHome } from './home.js';
import type { NatsOptions, NatsServer } from './local-server.js';
import { findNatsServer } from './nats-binary.js';
import { natsConfig } from './nats-config.js';
import { ServerProcess } from './server-process.js';

/** What nats-server writes to `ports_file_dir`. */
interface PortsFile {
  nats: string[];
  monitoring: string[];
}

/**
 * Starts a nats-server with JetStream and waits until JetStream is healthy.
 * @throws Error when no nats-server is new enough, the directory is in use, or the server refuses its configuration
 */
export async function startNats(options: NatsOptions): Promise<NatsServer> {
  const dir = resolve(options.dir);
  const binary = options.binary ?? (await findNatsServer(tumbiHome())).path;
  const config = join(dir, 'nats.conf');
  const server = new NatsProcess({
    name: 'nats-server',
    dir,
    logFile: join(dir, 'nats.log'),
    stopSignal: 'SIGTERM',
    orphanSignal: 'SIGTERM',
    async prepare(port) {
      await removePorts(dir);
      await writeFile(config, natsConfig({ ...options, dir }, port), { mode: 0o600 });
      return { prefix: [], command: [binary, '--config', config] };
    },
    async probe(pid) {
      const ports = await readPorts(dir, pid);
      return ports === undefined ? undefined : server.answers(ports);
    },
    portTaken: log => log.includes('address already in use'),
  });
  await server.start(options.port === 0 ? [0] : [options.port ?? 4222, 0]);
  return server;
}

class NatsProcess extends ServerProcess implements NatsServer {
  monitorUrl = '';
  version = '';

  get url(): string {
    return `nats://127.0.0.1:${this.port}`;
  }

  /** The client port once the server accepts connections and JetStream has recovered its streams. */
  async answers(ports: PortsFile): Promise<number | undefined> {
    const [client, monitor] = [ports.nats[0], ports.monitoring[0]];
    if (client === undefined || monitor === undefined) {
      return undefined;
    }
    try {
      const health = await fetch(`${monitor}/healthz`);
      if (!health.ok) {
        return undefined;
      }
      const about = (await (await fetch(`${monitor}/varz`)).json()) as { version: string };
      this.monitorUrl = monitor;
      this.version = about.version;
      return Number(new URL(client).port);
    } catch {
      return undefined;
    }
  }
}

/** A killed server leaves its ports file behind. */
async function removePorts(dir: string): Promise<void> {
  for (const name of await readdir(dir)) {
    if (name.endsWith('.ports')) {
      await rm(join(dir, name));
    }
  }
}

async function readPorts(dir: string, pid: number): Promise<PortsFile | undefined> {
  try {
    return JSON.parse(await readFile(join(dir, `nats-server_${pid}.ports`), 'utf8'));
  } catch {
    return undefined; // not written yet, or half
  }
}
