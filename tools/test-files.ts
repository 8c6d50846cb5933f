import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { projectFolders, ROOT } from './projects.ts';

export interface Suite {
  name: string;
  /** How a test's file name ends, before `.ts`. */
  suffix: string;
  /** Files at a time. */
  parallel: number;
  /** For one file. */
  timeoutMinutes: number;
}

/** In the order in which they run. `long` runs only when it is asked for. */
export const SUITES: readonly Suite[] = [
  { name: 'unit', suffix: '.spec', parallel: 2, timeoutMinutes: 2 },
  { name: 'int', suffix: '.int.spec', parallel: 2, timeoutMinutes: 10 },
  { name: 'e2e', suffix: '.e2e.spec', parallel: 1, timeoutMinutes: 30 },
  { name: 'long', suffix: '.long.spec', parallel: 1, timeoutMinutes: 90 },
];

export interface TestFile {
  /** Its source, from the root: what filters and messages name. */
  source: string;
  /** What Node.js runs: the compiled file, or the source itself for the tools. */
  runs: string;
}

/** The suite's files whose source path holds the filter. Sources are listed, since `dist` may keep deleted ones. */
export function testFiles(suite: Suite, filter: string): TestFile[] {
  const compiled = projectFolders().flatMap(folder =>
    specs(`${folder}/src`).map(file => ({
      source: `${folder}/src/${file}`,
      runs: join(ROOT, folder, 'dist', file.replace(/\.ts$/, '.js')),
    })),
  );
  const tools = ['tools', 'bench'].flatMap(folder =>
    specs(folder).map(file => ({ source: `${folder}/${file}`, runs: join(ROOT, folder, file) })),
  );
  return [...compiled, ...tools].filter(({ source }) => suiteOf(source) === suite && source.includes(filter));
}

function suiteOf(source: string): Suite | undefined {
  return SUITES.toReversed().find(suite => source.endsWith(`${suite.suffix}.ts`));
}

function specs(folder: string): string[] {
  const path = join(ROOT, folder);
  return existsSync(path)
    ? readdirSync(path, { recursive: true, encoding: 'utf8' }).filter(file => file.endsWith('.spec.ts'))
    : [];
}
