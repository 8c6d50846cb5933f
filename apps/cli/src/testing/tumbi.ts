import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

const MAIN = join(import.meta.dirname, '../main.js');

export interface Result {
  /** The exit status; null when a signal ended it. */
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

type Environment = Readonly<Record<string, string>>;

/** Starts the real command as a process of its own, with nothing of Tumbi's in its environment but what is given. */
export function startTumbi(args: readonly string[], environment: Environment): ChildProcess {
  const others = Object.entries(process.env).filter(([name]) => !/^(TUMBI_|NO_COLOR|FORCE_COLOR)/.test(name));
  return spawn(process.execPath, ['--enable-source-maps', MAIN, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...Object.fromEntries(others), ...environment },
  });
}

/** Runs the real command to its end. */
export async function tumbi(args: readonly string[], environment: Environment): Promise<Result> {
  return resultOf(startTumbi(args, environment));
}

/** What a started command comes to. */
export async function resultOf(child: ChildProcess): Promise<Result> {
  if (!child.stdout || !child.stderr) throw new Error('Its output must be piped.');
  const [[status], stdout, stderr] = await Promise.all([
    once(child, 'close'),
    text(child.stdout),
    text(child.stderr),
  ]);
  return { status, stdout, stderr };
}
