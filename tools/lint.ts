// Format, lint, the types of these tools, and the boundaries between the modules.
import { spawnSync } from 'node:child_process';
import { npmProgram, ROOT } from './projects.ts';

/** Each has its own line in the tests' count. */
export const CHECKS: readonly { name: string; command: readonly string[] }[] = [
  { name: 'format and lint', command: npmProgram('biome', 'check', '--error-on-warnings', ROOT) },
  { name: 'types of the tools', command: npmProgram('tsc', '--project', `${ROOT}/tools`) },
  { name: 'module boundaries', command: [process.execPath, `${import.meta.dirname}/boundaries.ts`] },
];

if (import.meta.main) {
  for (const { name, command } of CHECKS) {
    process.stderr.write(`${name} …\n`);
    const [program = '', ...args] = command;
    if (spawnSync(program, args, { stdio: 'inherit', cwd: ROOT }).status !== 0) {
      process.exitCode = 1;
    }
  }
}
