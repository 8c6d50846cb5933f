import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { ROOT } from './projects.ts';
import type { TestFile } from './test-files.ts';
import type { TestOutcome } from './test-reporter.ts';

const OUTPUT_LIMIT = 20_000;

export interface FileResult {
  file: TestFile;
  outcomes: TestOutcome[];
  seconds: number;
  /** The end of what the tests printed. */
  output: string;
}

const running = new Set<ChildProcess>();

/** Ends every test that runs, with the processes it started. */
export function killRunning(): void {
  for (const child of running) {
    killGroup(child);
  }
}

/**
 * Runs one file of tests in a process (and process group) of its own. A file that crashes, runs out of time, does
 * not end after its tests or holds no test has a failed outcome for that.
 */
export function runTestFile(
  file: TestFile,
  timeoutMinutes: number,
  onOutcome: (outcome: TestOutcome) => void,
): Promise<FileResult> {
  const began = Date.now();
  const reporter = `${import.meta.dirname}/test-reporter.ts`;
  const child = spawn(
    process.execPath,
    ['--enable-source-maps', `--test-reporter=${reporter}`, '--test-reporter-destination=stdout', file.runs],
    { cwd: ROOT, detached: true, stdio: ['ignore', 'pipe', 'pipe', 'pipe'] },
  );
  running.add(child);
  const result: FileResult = { file, outcomes: [], seconds: 0, output: '' };
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      result.output = (result.output + text).slice(-OUTPUT_LIMIT);
    });
  }
  const add = (outcome: TestOutcome) => {
    result.outcomes.push(outcome);
    onOutcome(outcome);
  };
  createInterface({ input: child.stdio[3] as Readable }).on('line', line => add(JSON.parse(line)));
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    killGroup(child);
  }, timeoutMinutes * 60_000);
  return new Promise(resolve => {
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      running.delete(child);
      result.seconds = (Date.now() - began) / 1000;
      const trouble = troubleOf(result.outcomes, timedOut && timeoutMinutes, code, signal);
      if (trouble !== undefined) {
        add({ name: '(the whole file)', result: 'failed', milliseconds: Date.now() - began, error: trouble });
      }
      resolve(result);
    });
  });
}

function troubleOf(
  outcomes: readonly TestOutcome[],
  timeoutMinutes: number | false,
  code: number | null,
  signal: string | null,
): string | undefined {
  if (timeoutMinutes !== false) {
    return `It had not ended after ${timeoutMinutes} minutes.`;
  }
  if (signal !== null) {
    return `It was ended by ${signal}.`;
  }
  if (code !== 0 && !outcomes.some(outcome => outcome.result === 'failed')) {
    return `It ended with exit code ${code}.`;
  }
  return outcomes.length === 0 ? 'It holds no test.' : undefined;
}

function killGroup(child: ChildProcess): void {
  if (child.pid !== undefined) {
    try {
      process.kill(-child.pid, 'SIGKILL');
    } catch {
      // it has just ended
    }
  }
}
