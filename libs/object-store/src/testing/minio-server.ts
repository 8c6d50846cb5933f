import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { access, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { S3Options } from '../s3-store.js';
import { obtainGo } from './go-toolchain.js';

const run = promisify(execFile);

/** The last commit of MinIO's server, which its maintainers have archived; the Go module proxy names it so. */
const MINIO_VERSION = 'v0.0.0-20260212201848-7aac2a2c5b7c';
const MINIO_MODULE = `github.com/minio/minio@${MINIO_VERSION}`;
const BUILD_TIMEOUT_MS = 30 * 60 * 1000;
const READY_TIMEOUT_MS = 30_000;

/**
 * The path of a MinIO server in `toolsDir`, built from source through the Go module proxy when it is not there yet
 * (some minutes, once), with the Go of `obtainGo`. Rejects with one sentence when that fails.
 */
export async function obtainMinio(toolsDir: string): Promise<string> {
  const binary = join(toolsDir, `minio-${MINIO_VERSION}`);
  if (await exists(binary)) return binary;
  const go = await obtainGo(toolsDir);
  // Go writes the binary in place: built aside, so that an interrupted build leaves none that looks whole.
  const aside = join(toolsDir, `minio-build-${process.pid}`);
  await mkdir(aside, { recursive: true });
  try {
    await run('nice', [go.command, 'install', MINIO_MODULE], {
      env: { ...process.env, ...go.env, GOBIN: aside, GOTOOLCHAIN: 'auto', CGO_ENABLED: '0' },
      timeout: BUILD_TIMEOUT_MS,
      maxBuffer: 64 * 1024 * 1024,
    });
    await rename(join(aside, 'minio'), binary);
  } catch (error) {
    const detail = error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error);
    throw new Error(
      `MinIO could not be built with 'go install ${MINIO_MODULE}': ${detail.trim().slice(-500)}`,
    );
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
  return binary;
}

/** Where a MinIO keeps its data and listens. */
export interface MinioOptions {
  /** The binary, from `obtainMinio`. */
  readonly binary: string;
  /** The data folder; made when absent. */
  readonly dir: string;
  /** Default: a free port. */
  readonly port?: number;
  /** Default: newly made ones. */
  readonly credentials?: { readonly accessKey: string; readonly secretKey: string };
  /** A command that runs the server, for example `unshare` and its options, put before it. */
  readonly prefix?: readonly string[];
}

/** A MinIO that runs on loopback. */
export interface MinioServer extends AsyncDisposable, Omit<S3Options, 'bucket'> {
  readonly port: number;
  readonly pid: number;
  /** Ends the server and waits until it has gone; its data stays. */
  stop(): Promise<void>;
}

/** Starts MinIO on loopback and waits until it answers. Rejects with the end of its log when it does not. */
export async function startMinio(options: MinioOptions): Promise<MinioServer> {
  const port = options.port ?? (await freePort());
  const credentials = options.credentials ?? {
    accessKey: randomBytes(10).toString('hex'),
    secretKey: randomBytes(20).toString('hex'),
  };
  await mkdir(options.dir, { recursive: true });
  const logPath = `${options.dir}.log`;
  const log = await open(logPath, 'a', 0o600);
  const address = `127.0.0.1:${port}`;
  const [command = options.binary, ...prefixed] = [...(options.prefix ?? []), options.binary];
  const server = spawn(command, [...prefixed, 'server', '--quiet', '--address', address, options.dir], {
    stdio: ['ignore', log.fd, log.fd],
    env: {
      PATH: process.env.PATH,
      HOME: options.dir,
      MINIO_ROOT_USER: credentials.accessKey,
      MINIO_ROOT_PASSWORD: credentials.secretKey,
      MINIO_BROWSER: 'off',
      MINIO_UPDATE: 'off',
    },
  });
  await log.close();
  const endpoint = `http://${address}`;
  const stop = () => stopProcess(server);
  try {
    await waitUntilReady(endpoint, server, logPath);
    const { pid } = server;
    if (pid === undefined) throw new Error('MinIO has no process.');
    return { port, pid, endpoint, ...credentials, stop, [Symbol.asyncDispose]: stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function waitUntilReady(endpoint: string, server: ChildProcess, logPath: string): Promise<void> {
  const deadline = Date.now() + READY_TIMEOUT_MS;
  let failure: unknown;
  server.once('error', error => {
    failure = error;
  });
  while (Date.now() < deadline && failure === undefined && server.exitCode === null) {
    const answer = await fetch(`${endpoint}/minio/health/cluster`).catch(() => undefined);
    if (answer?.ok) return;
    await delay(50);
  }
  const tail = (await readFile(logPath, 'utf8')).trim().slice(-500);
  throw new Error(`MinIO did not start on ${endpoint}: ${failure ?? tail}`);
}

async function stopProcess(server: ChildProcess): Promise<void> {
  if (server.pid === undefined || server.exitCode !== null || server.signalCode !== null) return;
  const gone = new Promise(resolve => server.once('exit', resolve));
  server.kill('SIGTERM');
  const kill = setTimeout(() => server.kill('SIGKILL'), 10_000);
  await gone;
  clearTimeout(kill);
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => {
        if (address !== null && typeof address === 'object') resolve(address.port);
        else reject(new Error('The system gave no free port.'));
      });
    });
  });
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
