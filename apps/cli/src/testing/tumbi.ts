import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const MAIN = join(import.meta.dirname, '../main.js');

export interface Result {
  /** The exit status; null when a signal ended it. */
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

type Environment = Readonly<Record<string, string>>;

/** A command that runs: what it has written so far, and what it comes to. */
export class RunningTumbi {
  readonly #written = { stdout: '', stderr: '' };
  readonly result: Promise<Result>;

  constructor(readonly process: ChildProcess) {
    for (const stream of ['stdout', 'stderr'] as const)
      process[stream]?.setEncoding('utf8').on('data', text => {
        this.#written[stream] += text;
      });
    this.result = once(process, 'close').then(([status]) => ({ status, ...this.#written }));
  }

  /** Waits until it has written something. */
  async wrote(stream: 'stdout' | 'stderr', what: RegExp): Promise<void> {
    const source = this.process[stream];
    if (!source) throw new Error(`Its ${stream} is not piped.`);
    while (!what.test(this.#written[stream])) await Promise.race([once(source, 'data'), this.#ended(what)]);
  }

  async #ended(what: RegExp): Promise<never> {
    const { stderr } = await this.result;
    throw new Error(`It ended without ${what}: ${stderr}`);
  }
}

/** Starts the real command as a process of its own, with nothing of Tumbi's in its environment but what is given. */
export function startTumbi(args: readonly string[], environment: Environment): RunningTumbi {
  const others = Object.entries(process.env).filter(([name]) => !/^(TUMBI_|NO_COLOR|FORCE_COLOR)/.test(name));
  const child = spawn(process.execPath, ['--enable-source-maps', MAIN, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...Object.fromEntries(others), ...environment },
  });
  return new RunningTumbi(child);
}

/** Runs the real command to its end. */
export function tumbi(args: readonly string[], environment: Environment): Promise<Result> {
  return startTumbi(args, environment).result;
}
