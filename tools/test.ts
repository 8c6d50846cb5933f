// npm test [-- [--suite unit|int|e2e|long]... [PATH-FILTER]]
//
// Without arguments: lint, build, the generated documents, and every test but the long ones. The last line counts
// all of it. --prepared leaves the building to the caller (Nx).
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { CHECKS } from './lint.ts';
import { capture } from './progress.ts';
import { npmProgram, ROOT } from './projects.ts';
import { type FileResult, killRunning, runTestFile } from './run-test-file.ts';
import { SUITES, type Suite, type TestFile, testFiles } from './test-files.ts';
import type { TestOutcome } from './test-reporter.ts';

const STILL_RUNNING_EVERY_MS = 15_000;

const count = { passed: 0, failed: 0, skipped: 0 };
const failures: { title: string; text: string }[] = [];

const { values, positionals } = parseArgs({
  options: { suite: { type: 'string', multiple: true }, prepared: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const filter = positionals[0] ?? '';

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    killRunning();
    process.exit(130);
  });
}

const ready = values.prepared || (await prepare(filter === '' && values.suite === undefined));
if (ready) {
  shareFolders();
  for (const suite of chosenSuites(values.suite)) {
    await runSuite(suite);
  }
}
if (ready && count.passed + count.failed === 0 && !values.prepared) {
  note('no test', `There is no test whose path holds "${filter}".`);
}
conclude();

/** Whether the tests can run: they cannot when the build fails. */
async function prepare(everything: boolean): Promise<boolean> {
  if (everything) {
    for (const { name, command } of CHECKS) {
      await check(`lint: ${name}`, command);
    }
  }
  if (!(await check('build', npmProgram('tsc', '--build', ROOT)))) {
    return false;
  }
  if (everything) {
    const generate = [process.execPath, `${import.meta.dirname}/generate.ts`, '--check'];
    await check('generated documents are up to date', generate);
  }
  return true;
}

async function check(name: string, command: readonly string[]): Promise<boolean> {
  const began = Date.now();
  const { status, output } = await capture(command, { cwd: ROOT });
  const milliseconds = Date.now() - began;
  say(status === 0 ? 'ok' : 'FAILED', name, milliseconds / 1000);
  if (status === 0) {
    count.passed++;
  } else {
    note(name, output.trimEnd());
  }
  return status === 0;
}

/** What the tests share over the whole run and with later ones: fetched packages, made roots. */
function shareFolders(): void {
  process.env.TUMBI_HOME ??= join(ROOT, '.tumbi');
  process.env.TUMBI_TEST_CACHE ??= join(process.env.TUMBI_HOME, 'test-cache');
  mkdirSync(process.env.TUMBI_TEST_CACHE, { recursive: true });
}

function chosenSuites(names: readonly string[] | undefined): Suite[] {
  const unknown = names?.find(name => !SUITES.some(suite => suite.name === name));
  if (unknown !== undefined) {
    const known = SUITES.map(suite => suite.name).join(', ');
    note('arguments', `There is no suite "${unknown}": choose from ${known}.`);
    return [];
  }
  return SUITES.filter(suite => names?.includes(suite.name) ?? suite.name !== 'long');
}

async function runSuite(suite: Suite): Promise<void> {
  const waiting = testFiles(suite, filter);
  const started = new Map<TestFile, number>();
  const timer = setInterval(() => {
    for (const [file, began] of started) {
      say('...', file.source, (Date.now() - began) / 1000);
    }
  }, STILL_RUNNING_EVERY_MS);
  const work = async () => {
    for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
      started.set(file, Date.now());
      const result = await runTestFile(file, suite.timeoutMinutes, outcome => tell(suite, outcome));
      started.delete(file);
      record(result);
    }
  };
  await Promise.all(Array.from({ length: suite.parallel }, work));
  clearInterval(timer);
}

/** Tests that take long are told one by one. */
function tell(suite: Suite, { name, result, milliseconds }: TestOutcome): void {
  if (suite.parallel === 1) {
    say(
      result === 'failed' ? 'FAILED' : result === 'passed' ? 'ok' : 'skipped',
      `  ${name}`,
      milliseconds / 1000,
    );
  }
}

function record({ file, outcomes, seconds, output }: FileResult): void {
  const failed = outcomes.filter(outcome => outcome.result === 'failed');
  for (const outcome of outcomes) {
    count[outcome.result]++;
  }
  for (const { name, error } of failed) {
    failures.push({ title: `${file.source}: ${name}`, text: error ?? '' });
  }
  if (failed.length > 0 && output.trim() !== '') {
    failures.push({
      title: `${file.source}: the end of what it printed`,
      text: output.trimEnd().slice(-4_000),
    });
  }
  say(failed.length === 0 ? 'ok' : 'FAILED', `${file.source} (${outcomes.length})`, seconds);
}

function note(title: string, text: string): void {
  count.failed++;
  failures.push({ title, text });
}

function say(state: string, what: string, seconds: number): void {
  process.stdout.write(`${state.padEnd(8)}${what}  ${seconds.toFixed(1)} s\n`);
}

function conclude(): void {
  for (const { title, text } of failures) {
    process.stdout.write(`\n--- ${title}\n${text}\n`);
  }
  const skipped = count.skipped > 0 ? `, ${count.skipped} skipped` : '';
  process.stdout.write(`\n${count.passed} passed, ${count.failed} failed${skipped}\n`);
  process.exitCode = count.failed === 0 ? 0 : 1;
}
