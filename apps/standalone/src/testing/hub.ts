import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { artifactStoreSettings, startArtifactStore } from '@tumbi/artifact-store';
import { readDsc } from '@tumbi/deb-mock';
import { type GatewaySettings, gatewaySettings, startGateway } from '@tumbi/gateway';
import { type RunnerSettings, runnerSettings, startRunner } from '@tumbi/mock-runner';
import { schedulerSettings, startScheduler } from '@tumbi/scheduler';
import { Progress } from '../progress.js';
import { adminToken } from '../secrets.js';
import { type Servers, startServers } from '../servers.js';

/** The state of a build as the API tells it, as far as tests look at it. */
export interface BuildView {
  readonly id: string;
  readonly state: string;
  readonly attempt: number;
  readonly message: string | null;
  readonly debs: readonly { readonly package: string; readonly sha256: string; readonly filename: string }[];
  readonly attempts: readonly { readonly outcome?: string; readonly stage?: string; readonly log?: object }[];
}

export interface EventView {
  readonly sequence: number;
  readonly event: { readonly type: string; readonly data: Record<string, unknown> };
}

const FINAL = ['Installed', 'Build-Attempted', 'BD-Uninstallable', 'Failed', 'Cancelled'];

/** A whole hub on real servers for a test, in a folder that goes with it. */
export interface Hub extends AsyncDisposable {
  readonly url: string;
  readonly token: string;
  readonly home: string;
  readonly servers: Servers;
  /** Starts a runner in this process. */
  startRunner(settings?: Partial<RunnerSettings>): Promise<void>;
  /** Starts a runner as a process of its own, which a test may kill. */
  spawnRunner(name: string, environment?: Record<string, string>): ChildProcess;
  /** A request as the admin; gives the status and the JSON. */
  api<T = never>(method: string, path: string, body?: unknown): Promise<{ status: number; body: T }>;
  /** Uploads a .dsc with its files and asks for it to be built. */
  submit(dsc: string, request?: object): Promise<BuildView>;
  /** Waits until the build is in a state that it does not leave. */
  ended(id: string, seconds?: number): Promise<BuildView>;
  /** Waits for the build to satisfy a condition. */
  until(id: string, condition: (build: BuildView) => boolean, seconds?: number): Promise<BuildView>;
  events(query?: string): Promise<EventView[]>;
}

export interface HubOptions {
  /** Object store; default: a folder. */
  readonly store?: string;
  readonly gateway?: Partial<GatewaySettings>;
}

/** Base roots and fetched packages are shared over the whole test run. */
export function testCacheDirectory(): string {
  return join(process.env.TUMBI_TEST_CACHE ?? join(tmpdir(), 'tumbi-test-cache'), 'deb-mock');
}

export async function startHub(options: HubOptions = {}): Promise<Hub> {
  await using parts = new AsyncDisposableStack();
  const home = await mkdtemp(join(tmpdir(), 'tumbi-hub-'));
  parts.defer(() => rm(home, { recursive: true, force: true, maxRetries: 3 }));
  const servers = parts.use(await startServers(home, new Progress()));
  const { token, tokensFile } = await adminToken(home);
  const store = options.store ?? join(home, 'store');
  const scheduler = await startScheduler(
    schedulerSettings({ nats: servers.as('scheduler'), firstRetry: 500, grace: 5_000 }),
  );
  parts.defer(() => scheduler.close());
  const artifactStore = await startArtifactStore(
    artifactStoreSettings({ nats: servers.as('artifact-store'), store, keysDirectory: join(home, 'keys') }),
  );
  parts.defer(() => artifactStore.close());
  const gateway = await startGateway(
    gatewaySettings({
      nats: servers.as('gateway'),
      postgres: servers.database,
      store,
      port: 0,
      tokensFile,
      ...options.gateway,
    }),
  );
  parts.defer(() => gateway.close());
  const running = parts.move();
  return new RunningHub(gateway.url, token, home, servers, store, running);
}

class RunningHub implements Hub {
  constructor(
    readonly url: string,
    readonly token: string,
    readonly home: string,
    readonly servers: Servers,
    private readonly store: string,
    private readonly parts: AsyncDisposableStack,
  ) {}

  async startRunner(settings: Partial<RunnerSettings> = {}): Promise<void> {
    const name = settings.name ?? 'runner';
    const runner = await startRunner(
      runnerSettings({
        nats: this.servers.as('mock-runner'),
        store: this.store,
        directory: join(this.home, 'runners', name),
        cacheDirectory: testCacheDirectory(),
        ...settings,
        name,
      }),
    );
    this.parts.defer(() => runner.close());
  }

  spawnRunner(name: string, environment: Record<string, string> = {}): ChildProcess {
    const nats = this.servers.as('mock-runner');
    const main = join(import.meta.dirname, '../../../../services/mock-runner/dist/main.js');
    const runner = spawn(process.execPath, ['--enable-source-maps', main], {
      stdio: ['ignore', 'inherit', 'inherit'],
      env: {
        ...process.env,
        TUMBI_NATS_URL: nats.url,
        TUMBI_NATS_USER: nats.user ?? '',
        TUMBI_NATS_PASSWORD: nats.password ?? '',
        TUMBI_STORE: this.store,
        TUMBI_RUNNER_NAME: name,
        TUMBI_RUNNER_DIR: join(this.home, 'runners', name),
        TUMBI_CACHE_DIR: testCacheDirectory(),
        ...environment,
      },
    });
    this.parts.defer(() => ended(runner));
    return runner;
  }

  async api<T>(method: string, path: string, body?: unknown): Promise<{ status: number; body: T }> {
    const answer = await fetch(`${this.url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: answer.status, body: (await answer.json()) as T };
  }

  async submit(dsc: string, request: object = {}): Promise<BuildView> {
    const { files } = await readDsc(dsc);
    for (const file of files) await this.#upload(join(dirname(dsc), file.name), file.sha256);
    const source = { kind: 'upload', dsc: basename(dsc), files };
    const { status, body } = await this.api<BuildView & { message: string }>('POST', '/api/builds', {
      source,
      suite: 'trixie',
      ...request,
    });
    if (status !== 201) throw new Error(`The build was refused with ${status}: ${body.message}`);
    return body;
  }

  async #upload(file: string, sha256: string): Promise<void> {
    const answer = await fetch(`${this.url}/api/blobs/${sha256}`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${this.token}`, 'content-type': 'application/octet-stream' },
      body: await readFile(file),
    });
    if (!answer.ok) throw new Error(`${file} was refused with ${answer.status}: ${await answer.text()}`);
  }

  ended(id: string, seconds?: number): Promise<BuildView> {
    return this.until(id, build => FINAL.includes(build.state), seconds);
  }

  async until(id: string, condition: (build: BuildView) => boolean, seconds = 180): Promise<BuildView> {
    let last: BuildView | undefined;
    for (const end = Date.now() + seconds * 1_000; Date.now() < end; await pause(200)) {
      const { status, body } = await this.api<BuildView>('GET', `/api/builds/${id}`).catch(() => ({
        status: 0,
        body: undefined,
      }));
      if (status !== 200 || !body) continue;
      last = body;
      if (condition(body)) return body;
    }
    throw new Error(`Build ${id} did not come so far in ${seconds} s; it is ${JSON.stringify(last)}`);
  }

  async events(query = ''): Promise<EventView[]> {
    const { body } = await this.api<{ events: EventView[] }>('GET', `/api/events?limit=1000&${query}`);
    return body.events;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.parts.disposeAsync();
  }
}

/** Stops a process cleanly where it still runs. */
async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  await once(child, 'exit');
}
