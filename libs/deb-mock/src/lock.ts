import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { exitOf, spawnTied } from './run.js';

/** A held lock; disposing of it lets the next one in. */
export interface Lock extends AsyncDisposable {}

/**
 * Takes an exclusive flock(2) on a file, which is made if missing. A process of its own holds the lock and ends when
 * this one does, however it ends, so that no lock outlives its owner.
 *
 * @returns undefined only if `wait` is false and another holds the lock
 */
export async function lock(
  file: string,
  options: { wait: false; signal?: AbortSignal },
): Promise<Lock | undefined>;
export async function lock(file: string, options?: { wait?: true; signal?: AbortSignal }): Promise<Lock>;
export async function lock(
  file: string,
  { wait = true, signal }: { wait?: boolean; signal?: AbortSignal } = {},
): Promise<Lock | undefined> {
  signal?.throwIfAborted();
  await mkdir(dirname(file), { recursive: true });
  const holder = spawnTied(
    [
      'flock',
      '--no-fork',
      ...(wait ? [] : ['--nonblock']),
      '--conflict-exit-code',
      '75',
      file,
      'sh',
      '-c',
      'echo; exec cat',
    ],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  const ended = exitOf(holder);
  const abort = () => holder.kill('SIGKILL');
  signal?.addEventListener('abort', abort);
  try {
    const taken = await Promise.race([
      new Promise<'taken'>(resolve => holder.stdout?.once('data', () => resolve('taken'))),
      ended,
    ]);
    signal?.throwIfAborted();
    if (taken === 75) return undefined;
    if (taken !== 'taken') throw new Error(`The lock file ${file} cannot be used.`);
  } finally {
    signal?.removeEventListener('abort', abort);
  }
  return {
    async [Symbol.asyncDispose]() {
      holder.stdin?.end();
      await ended;
    },
  };
}
