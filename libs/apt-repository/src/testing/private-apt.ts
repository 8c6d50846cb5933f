import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What a command did; a status other than 0 is no exception. */
export interface Outcome {
  readonly status: number;
  /** Both streams together. */
  readonly output: string;
}

/** Runs this machine's own apt-get and apt-cache on a state of their own, with one sources entry and no other configuration. */
export class PrivateApt {
  private constructor(readonly dir: string) {}

  static async create(parent: string, sources: string): Promise<PrivateApt> {
    const dir = await mkdtemp(join(parent, 'apt-'));
    for (const folder of ['state/lists/partial', 'cache/archives/partial', 'sources', 'downloads']) {
      await mkdir(join(dir, folder), { recursive: true });
    }
    await writeFile(join(dir, 'status'), '');
    await writeFile(join(dir, 'sources/tumbi.sources'), sources);
    const configuration = {
      'Dir::State': join(dir, 'state'),
      'Dir::State::status': join(dir, 'status'),
      'Dir::Cache': join(dir, 'cache'),
      'Dir::Etc::main': '/dev/null',
      'Dir::Etc::parts': '/dev/null/',
      'Dir::Etc::sourcelist': '/dev/null',
      'Dir::Etc::sourceparts': join(dir, 'sources'),
      'Dir::Etc::preferencesparts': '/dev/null/',
      'Dir::Etc::trusted': '/dev/null',
      'Dir::Etc::trustedparts': '/dev/null/',
      'APT::Sandbox::User': '',
      'Acquire::http::Proxy': 'DIRECT',
    };
    const lines = Object.entries(configuration).map(([key, value]) => `${key} "${value}";\n`);
    await writeFile(join(dir, 'apt.conf'), lines.join(''));
    return new PrivateApt(dir);
  }

  /** Runs for example `('apt-get', 'update')`; downloads land in `downloads`. */
  run(command: 'apt-get' | 'apt-cache', ...args: string[]): Promise<Outcome> {
    return run(command, args, {
      cwd: join(this.dir, 'downloads'),
      env: { PATH: process.env.PATH, LC_ALL: 'C.UTF-8', APT_CONFIG: join(this.dir, 'apt.conf') },
    });
  }
}

/** Runs a command to its end. */
export function run(
  command: string,
  args: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<Outcome> {
  return new Promise(resolve => {
    execFile(command, args, { ...options, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      const status = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
      resolve({ status, output: `${stdout}${stderr}${status === -1 ? error?.message : ''}` });
    });
  });
}
