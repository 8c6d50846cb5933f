// A node:test reporter that writes each test's outcome to file descriptor 3 as one line of JSON (TestOutcome).
import { writeSync } from 'node:fs';
import type { TestEvent } from 'node:test/reporters';
import { inspect } from 'node:util';

export interface TestOutcome {
  /** With those of the suites around it. */
  name: string;
  result: 'passed' | 'failed' | 'skipped';
  milliseconds: number;
  /** The error and its stack. */
  error?: string;
}

// biome-ignore lint/correctness/useYield: what a reporter yields would go to standard output, which is the tests' own
export default async function* report(events: AsyncIterable<TestEvent>): AsyncGenerator<never> {
  const names: string[] = [];
  for await (const { type, data } of events) {
    if (type === 'test:start') {
      names.splice(data.nesting, names.length, data.name);
    }
    if (type === 'test:pass' || type === 'test:fail') {
      names.splice(data.nesting, names.length, data.name);
      const outcome = judge(type, data, names.join(' > '));
      if (outcome !== undefined) {
        writeSync(3, `${JSON.stringify(outcome)}\n`);
      }
    }
  }
}

type Ended = Extract<TestEvent, { type: 'test:pass' | 'test:fail' }>;

/** Undefined for what only stands around tests: a suite, or a test that failed because one inside it did. */
function judge(type: Ended['type'], data: Ended['data'], name: string): TestOutcome | undefined {
  const milliseconds = Math.round(data.details.duration_ms);
  const isSuite = data.details.type === 'suite';
  if (type === 'test:pass') {
    const skipped = data.skip !== undefined || data.todo !== undefined;
    return isSuite ? undefined : { name, result: skipped ? 'skipped' : 'passed', milliseconds };
  }
  const error = 'error' in data.details ? data.details.error : undefined;
  if (error !== undefined && 'failureType' in error && error.failureType === 'subtestsFailed') {
    return undefined;
  }
  return { name, result: 'failed', milliseconds, error: inspect(error?.cause ?? error) };
}
