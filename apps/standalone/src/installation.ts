import { once } from 'node:events';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { artifactStoreSettings, startArtifactStore } from '@tumbi/artifact-store';
import { gatewaySettings, startGateway } from '@tumbi/gateway';
import { runnerSettings, startRunner } from '@tumbi/mock-runner';
import { schedulerSettings, startScheduler } from '@tumbi/scheduler';
import type { Progress } from './progress.js';
import { adminToken } from './secrets.js';
import { startServers } from './servers.js';

/** Everything on one machine, on loopback, in one folder. */
export interface Installation extends AsyncDisposable {
  /** The gateway's address. */
  readonly url: string;
  readonly token: string;
  readonly home: string;
  readonly cacheDirectory: string;
}

/** The folder that holds everything, unless TUMBI_HOME says otherwise: `.tumbi` in the checkout. */
export function tumbiHome(): string {
  return process.env.TUMBI_HOME ?? join(import.meta.dirname, '../../../.tumbi');
}

/** An installation that already runs from a folder; undefined when none answers. */
export async function findRunning(home: string): Promise<Installation | undefined> {
  const url = await readFile(join(home, 'address'), 'utf8').catch(() => '');
  const token = await readFile(join(home, 'token'), 'utf8').catch(() => '');
  if (!url || !token) return undefined;
  const answer = await fetch(`${url.trim()}/api/health`).catch(() => undefined);
  if (!answer?.ok) return undefined;
  return {
    url: url.trim(),
    token: token.trim(),
    home,
    cacheDirectory: cacheDirectory(home),
    [Symbol.asyncDispose]: async () => undefined,
  };
}

/**
 * Starts the servers and the services; disposing of it stops them in the opposite order.
 * @throws Error with one sentence that says what is missing
 */
export async function startInstallation(home: string, progress: Progress): Promise<Installation> {
  await using parts = new AsyncDisposableStack();
  const servers = parts.use(await startServers(home, progress));
  const { token, tokensFile } = await adminToken(home);
  const store = join(home, 'store');
  const url = await progress.step('Starting the services', async () => {
    const scheduler = await startScheduler(schedulerSettings({ nats: servers.as('scheduler') }));
    parts.defer(() => scheduler.close());
    const artifactStore = await startArtifactStore(
      artifactStoreSettings({ nats: servers.as('artifact-store'), store, keysDirectory: join(home, 'keys') }),
    );
    parts.defer(() => artifactStore.close());
    const runner = await startRunner(
      runnerSettings({
        nats: servers.as('mock-runner'),
        store,
        directory: join(home, 'runner'),
        cacheDirectory: cacheDirectory(home),
      }),
    );
    parts.defer(() => runner.close());
    const settings = gatewaySettings({
      nats: servers.as('gateway'),
      postgres: servers.database,
      store,
      tokensFile,
    });
    const gateway = await startGateway({ ...settings, port: await freePort(settings.port) });
    parts.defer(() => gateway.close());
    return gateway.url;
  });
  await writeFile(join(home, 'address'), `${url}\n`);
  parts.defer(() => rm(join(home, 'address'), { force: true }));
  const running = parts.move();
  return {
    url,
    token,
    home,
    cacheDirectory: cacheDirectory(home),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

function cacheDirectory(home: string): string {
  return join(home, 'cache/deb-mock');
}

/** The port, or 0 for any free one when something else has it. */
async function freePort(port: number): Promise<number> {
  const probe = createServer();
  try {
    await once(probe.listen(port, '127.0.0.1'), 'listening');
    return port;
  } catch {
    return 0;
  } finally {
    probe.close();
  }
}
