import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';

/** What a finished command left. */
export interface CommandResult {
  /** Exit status; null if a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd?: string;
  /** The whole environment; default {@link cleanEnvironment}. */
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  /** Kills the command. */
  readonly signal?: AbortSignal;
  /** Called for each whole line on either output, without its newline. */
  readonly onLine?: (line: string) => void;
  readonly timeoutSeconds?: number;
}

/** Only this much of each output is kept, its end; nothing that is parsed is near it. */
const keptOutput = 4 << 20;

/**
 * An environment that carries nothing of the caller's into a build: fixed path, locale and time zone, and no
 * SOURCE_DATE_EPOCH, which dpkg would obey.
 */
export function cleanEnvironment(extra: Readonly<Record<string, string>> = {}): Record<string, string> {
  return {
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    LC_ALL: 'C.UTF-8',
    TZ: 'UTC',
    HOME: '/nonexistent',
    ...extra,
  };
}

/** The caller's proxy settings: for commands that talk to a mirror. */
export function proxyEnvironment(): Record<string, string> {
  const names = ['http_proxy', 'https_proxy', 'no_proxy'].flatMap(name => [name, name.toUpperCase()]);
  return Object.fromEntries(
    names.flatMap(name => {
      const value = process.env[name];
      return value ? [[name, value]] : [];
    }),
  );
}

/** Starts a command that dies with this process, even by SIGKILL. */
export function spawnTied(command: readonly string[], options: SpawnOptions): ChildProcess {
  return spawn('setpriv', ['--pdeathsig', 'KILL', '--', ...command], options);
}

/**
 * Runs a command to its end and keeps its output. Resolves whatever its exit status is; rejects only if it cannot
 * be started, or with the signal's reason.
 */
export async function run(command: readonly string[], options: RunOptions = {}): Promise<CommandResult> {
  options.signal?.throwIfAborted();
  const child = spawnTied(command, {
    cwd: options.cwd,
    env: { ...(options.env ?? cleanEnvironment()) },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  return await collect(child, options);
}

/** Waits for a started command whose three streams are pipes; see {@link run}. */
export async function collect(child: ChildProcess, options: RunOptions = {}): Promise<CommandResult> {
  const kill = () => child.kill('SIGKILL');
  const timer = options.timeoutSeconds ? setTimeout(kill, options.timeoutSeconds * 1000) : undefined;
  options.signal?.addEventListener('abort', kill);
  try {
    const [stdout, stderr, code] = await Promise.all([
      readTail(child.stdout, options.onLine),
      readTail(child.stderr, options.onLine),
      exitOf(child),
      writeAll(child, options.input),
    ]);
    options.signal?.throwIfAborted();
    return { code, stdout, stderr };
  } finally {
    clearTimeout(timer);
    options.signal?.removeEventListener('abort', kill);
  }
}

/** Exit status of a child process, null if a signal ended it. Rejects if it could not be started. */
export function exitOf(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve, reject) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve(child.exitCode);
    child.once('error', reject);
    child.once('exit', resolve);
  });
}

async function readTail(
  stream: NodeJS.ReadableStream | null,
  onLine?: (line: string) => void,
): Promise<string> {
  if (!stream) return '';
  let kept = '';
  let line = '';
  stream.setEncoding('utf8');
  for await (const chunk of stream) {
    kept = (kept + chunk).slice(-keptOutput);
    if (!onLine) continue;
    const lines = (line + chunk).split('\n');
    line = (lines.pop() ?? '').slice(-keptOutput);
    for (const whole of lines) onLine(whole);
  }
  return kept;
}

async function writeAll(child: ChildProcess, input = ''): Promise<void> {
  // A command that ends without reading its input is judged by its exit status.
  child.stdin?.on('error', () => {});
  child.stdin?.end(input);
}
