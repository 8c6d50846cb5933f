import { type ChildProcess, spawn } from 'node:child_process';
import { open, readFile, rename, rm, stat } from 'node:fs/promises';
import { DirectoryLock } from './directory-lock.js';
import type { Exit, LocalServer } from './local-server.js';

const STOP_TIMEOUT_MS = 15_000;
const START_TIMEOUT_MS = 60_000;
const LOG_LIMIT_BYTES = 16 * 1024 * 1024;

/** How to run one kind of server. */
export interface ServerRecipe {
  /** For messages: `nats-server`. */
  name: string;
  /** Locked while the server runs. */
  dir: string;
  logFile: string;
  /** Makes ready and gives the command line for a port; 0 asks for any free one. */
  prepare(port: number): Promise<ServerCommand>;
  /** What a clean stop is asked for with. */
  stopSignal: NodeJS.Signals;
  /** What the kernel sends the server when this process is gone. */
  orphanSignal: NodeJS.Signals;
  /** Whether the server answers; gives its port once it does. */
  probe(pid: number, port: number): Promise<number | undefined>;
  /** Whether the log of a failed start says that the port was taken. */
  portTaken(log: string): boolean;
}

export interface ServerCommand {
  /** A command that runs the rest of its arguments in its own place (unshare, setpriv), or nothing. */
  prefix: readonly string[];
  command: readonly string[];
}

/** Keeps one server process: started, watched, stopped, started again. */
export class ServerProcess implements LocalServer {
  readonly #recipe: ServerRecipe;
  #port = 0;
  #child: ChildProcess | undefined;
  #exited: Promise<Exit> = Promise.resolve({ code: null, signal: null });
  #running = false;
  #lock: DirectoryLock | undefined;

  constructor(recipe: ServerRecipe) {
    this.#recipe = recipe;
  }

  get port(): number {
    return this.#port;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  get logFile(): string {
    return this.#recipe.logFile;
  }

  get exited(): Promise<Exit> {
    return this.#exited;
  }

  /** Starts on the first of the ports that is free. */
  async start(ports: readonly number[]): Promise<void> {
    this.#lock ??= await DirectoryLock.take(this.#recipe.dir);
    try {
      await this.#startOnFirstFree(ports, this.#lock);
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  async #startOnFirstFree(ports: readonly number[], lock: DirectoryLock): Promise<void> {
    let last: Error | undefined;
    for (const port of ports) {
      const log = await this.#attempt(port, lock);
      if (log === undefined) {
        return;
      }
      last = new Error(`${this.#recipe.name} did not start: ${lastWords(log)} (all of it: ${this.logFile})`);
      if (!this.#recipe.portTaken(log)) {
        break;
      }
    }
    throw last ?? new Error(`${this.#recipe.name} was given no port to start on.`);
  }

  async stop(): Promise<void> {
    await this.#end(this.#recipe.stopSignal);
    await this.#lock?.release();
    this.#lock = undefined;
  }

  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    this.#child?.kill(signal);
    if (signal === 'SIGKILL') {
      await this.#exited;
    }
  }

  async restart(): Promise<void> {
    await this.#end(this.#recipe.stopSignal);
    // The port may be in use for a moment by somebody's outgoing connection.
    await this.start(Array.from({ length: 5 }, () => this.#port));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  /** Undefined when the server answers, else what it logged before it ended. */
  async #attempt(port: number, lock: DirectoryLock): Promise<string | undefined> {
    const { logFile, orphanSignal, probe } = this.#recipe;
    await rotate(logFile);
    const { prefix, command } = await this.#recipe.prepare(port);
    const log = await open(logFile, 'a', 0o600);
    const offset = (await log.stat()).size;
    // setpriv ends the server with us, whatever ends us; a session of its own keeps a terminal's Ctrl-C from it.
    // It comes last because the kernel forgets that wish when a process changes its user.
    const [program = '', ...args] = [
      ...prefix,
      'setpriv',
      '--pdeathsig',
      orphanSignal.slice(3),
      '--',
      ...command,
    ];
    const child = spawn(program, args, {
      stdio: ['ignore', log.fd, log.fd],
      detached: true,
      cwd: '/',
    });
    this.#watch(child);
    await log.close();
    const { pid } = child;
    if (pid !== undefined) {
      await lock.guards(pid);
      const deadline = Date.now() + START_TIMEOUT_MS;
      while (this.#running && Date.now() < deadline) {
        const answering = await probe(pid, port);
        if (answering !== undefined) {
          this.#port = answering;
          return undefined;
        }
        await Promise.race([this.#exited, pause(50)]);
      }
      await this.#end('SIGKILL');
    }
    return (await readFile(logFile)).subarray(offset).toString();
  }

  #watch(child: ChildProcess): void {
    this.#child = child;
    this.#running = true;
    this.#exited = new Promise(resolve => {
      const ended = (code: number | null, signal: NodeJS.Signals | null) => {
        this.#running = false;
        resolve({ code, signal });
      };
      child.once('exit', ended);
      child.once('error', () => ended(null, null));
    });
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    if (!this.#running) {
      return;
    }
    this.#child?.kill(signal);
    const timer = setTimeout(() => this.#child?.kill('SIGKILL'), STOP_TIMEOUT_MS);
    await this.#exited;
    clearTimeout(timer);
  }
}

function pause(milliseconds: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, milliseconds));
}

async function rotate(file: string): Promise<void> {
  const size = (await stat(file).catch(() => undefined))?.size ?? 0;
  if (size > LOG_LIMIT_BYTES) {
    await rm(`${file}.1`, { force: true });
    await rename(file, `${file}.1`);
  }
}

function lastWords(log: string): string {
  const lines = log.split('\n').filter(line => line.trim() !== '');
  return lines.slice(-3).join(' / ') || 'it said nothing';
}
