// npm run bench [-- [NAME...] [--quick]]
//
// Runs the benchmarks, or those that are named, and prints a table for each. Method: README.md beside this file.
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Benchmark, formatTable } from './benchmark.ts';
import { build } from './build.ts';
import { eventLog } from './event-log.ts';
import { memory } from './memory.ts';

const BENCHMARKS: Readonly<Record<string, Benchmark>> = { 'event-log': eventLog, build, memory };

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: { quick: { type: 'boolean', default: false }, help: { type: 'boolean', default: false } },
    allowPositionals: true,
  });
  if (values.help) {
    console.log(
      `npm run bench -- [NAME...] [--quick]\n\nNAME is one of ${Object.keys(BENCHMARKS).join(', ')}.`,
    );
    return;
  }
  const chosen = chooseFrom(positionals);
  process.env.TUMBI_HOME ??= join(import.meta.dirname, '../.tumbi');
  const home = process.env.TUMBI_HOME;
  const say = (text: string) => process.stderr.write(`${text}\n`);
  for (const benchmark of chosen) {
    const before = loadavg()[0] ?? 0;
    for (const table of await benchmark({ quick: values.quick, home, say })) console.log(formatTable(table));
    const load = [before, loadavg()[0] ?? 0].map(one => one.toFixed(1));
    console.log(`Load of the machine: ${load.join(' before, ')} after.\n`);
  }
}

function chooseFrom(names: readonly string[]): Benchmark[] {
  if (names.length === 0) return Object.values(BENCHMARKS);
  return names.map(name => {
    const benchmark = BENCHMARKS[name];
    if (benchmark) return benchmark;
    throw new Error(`There is no benchmark "${name}": choose from ${Object.keys(BENCHMARKS).join(', ')}.`);
  });
}

// What was started goes with this process.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
try {
  await main();
} catch (error) {
  console.error(`tumbi: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}
