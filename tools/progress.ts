import { spawn } from 'node:child_process';
import { appendFileSync } from 'node:fs';

export interface Step {
  /** Said first and while it lasts: `Installing sbuild`. */
  what: string;
  command: readonly string[];
  cwd?: string;
  env?: Readonly<Record<string, string>>;
  /** All of the command's output is added to it. */
  logFile: string;
}

/**
 * Runs a command silently, saying what is done and, every few seconds, for how long already.
 * @throws Error with the last lines of its output when it fails
 */
export async function step({ what, command, cwd, env, logFile }: Step): Promise<void> {
  const began = Date.now();
  const seconds = () => Math.round((Date.now() - began) / 1000);
  process.stderr.write(`${what} …\n`);
  const timer = setInterval(() => process.stderr.write(`  … ${seconds()} s\n`), 5_000);
  try {
    const { status, output } = await capture(command, { cwd, env });
    appendFileSync(logFile, `$ ${command.join(' ')}\n${output}`);
    if (status !== 0) {
      const tail = output.trimEnd().split('\n').slice(-15).join('\n');
      throw new Error(`${what} failed; its last lines are below, all of them are in ${logFile}.\n${tail}`);
    }
  } finally {
    clearInterval(timer);
  }
}

/** Runs a command, which may ask its user something; both outputs come back as one text. */
export function capture(
  [program = '', ...args]: readonly string[],
  options: { cwd?: string | undefined; env?: Readonly<Record<string, string>> | undefined } = {},
): Promise<{ status: number | null; output: string }> {
  return new Promise(resolve => {
    const child = spawn(program, args, {
      cwd: options.cwd,
      env: { ...process.env, LC_ALL: 'C.UTF-8', ...options.env },
      stdio: ['inherit', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', text => {
        output += text;
      });
    }
    child.once('error', error => resolve({ status: null, output: `${output}${error.message}\n` }));
    child.once('close', status => resolve({ status, output }));
  });
}
